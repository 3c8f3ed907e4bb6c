import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { address } from '../../test/helpers/stores/store-message.ts';
import type { Parcel } from '../delivery/transport.ts';
import { createFeed, lineOf } from './dev-feed.ts';

const NOON = new Date(2026, 0, 1, 12, 0, 0);

function parcel(subject: string, ...to: string[]): Parcel {
  const mime = Buffer.from(`From: x@y.test\r\n${subject}Date: now\r\n\r\nSubject: not this one\r\n`);
  const envelope = { sender: address('shop@sender.test'), recipients: to.map(address) };
  return { envelope, mime, eightBit: false, smtputf8: false };
}

describe('lineOf', () => {
  it('shows the time, the sender, the recipients and the decoded subject', () => {
    const encoded = 'Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n';
    expect(lineOf(parcel(encoded, 'a@rcpt.test'), NOON)).toBe(
      '12:00:00  shop@sender.test → a@rcpt.test  Grüße',
    );
    expect(lineOf(parcel('', 'a@rcpt.test', 'b@rcpt.test'), NOON)).toBe(
      '12:00:00  shop@sender.test → a@rcpt.test and 1 more  (no subject)',
    );
  });

  it('removes control characters from the subject', () => {
    const evil = `Subject: =?utf-8?B?${Buffer.from('\u001b[31mred').toString('base64')}?=\r\n`;
    expect(lineOf(parcel(evil, 'a@rcpt.test'), NOON)).toMatch(/ {2}\[31mred$/);
  });
});

describe('createFeed', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('prints 20 lines a second, and then the number of skipped messages', () => {
    const lines: string[] = [];
    const feed = createFeed({ write: line => lines.push(line), now: () => NOON });
    for (let i = 0; i < 25; i++) feed.add(parcel('Subject: hi\r\n', 'a@rcpt.test'));
    expect(lines).toHaveLength(20);
    vi.advanceTimersByTime(1000);
    expect(lines.at(-1)).toContain('and 5 more');
    feed.add(parcel('Subject: again\r\n', 'a@rcpt.test'));
    expect(lines.at(-1)).toContain('again');
    vi.advanceTimersByTime(5000);
    expect(lines).toHaveLength(22);
  });
});
