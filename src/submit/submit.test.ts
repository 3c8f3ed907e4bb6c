import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CAPTURE } from '../../test/helpers/records.ts';
import { type AccountLimits, newAccount, type Principal } from '../core/account.ts';
import type { Address } from '../core/address.ts';
import { createIds, msOfId } from '../core/id.ts';
import type { Submission } from '../core/submission.ts';
import { createIdleDelivery } from '../delivery/delivery.ts';
import { openStore } from '../store/open-store.ts';
import type { NewMessage, Store } from '../store/store.ts';
import { createSubmit, type Submit } from './submit.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const from = 'shop@sender.test' as Address;
const to = 'ada@rcpt.test' as Address;

const submission: Submission = {
  dialect: 'test',
  envelope: { sender: from, recipients: [to] },
  body: {
    kind: 'content',
    content: {
      from: { address: from },
      to: [{ address: to }],
      cc: [],
      replyTo: [],
      subject: 'Hi',
      text: 'Hello',
      attachments: [],
      headers: [],
    },
  },
};

const principal: Principal = {
  account: newAccount({ id: 1, name: 'default', allowedSenders: ['@sender.test'], createdAt: 0 }),
  scopes: ['send'],
  by: 1,
};

const provider = { ...CAPTURE, sendFrom: 'default@sender.test' as Address, sendFromName: 'Default' };

let folder: string;
let store: Store;
let way: Submit;
let standing: Awaited<ReturnType<typeof createIdleDelivery>>;
let accepted: NewMessage[];

async function open(limits = { maxQueued: 100 }): Promise<void> {
  folder = mkdtempSync(join(tmpdir(), 'postern-submit-'));
  store = await openStore(`sqlite:${join(folder, 'store.sqlite')}`, {
    now: () => NOW,
    minFreeBytes: 0,
    ...limits,
  });
  accepted = [];
  await store.registry.add('provider', 'one', id => ({ ...provider, id }));
  standing = await createIdleDelivery(store);
  way = joinWay(() => NOW);
}

/** The way in, on a clock. */
function joinWay(now: () => number): Submit {
  const { dispatcher, providers } = standing;
  let count = 0;
  return createSubmit({
    store,
    delivery: dispatcher,
    lease: 1,
    providers,
    policy: {
      maxRecipients: 2,
      maxMessageBytes: 2_000,
      expiryMs: 72 * HOUR,
      maxExpiryMs: 5 * DAY,
      maxScheduleMs: 30 * DAY,
    },
    newId: createIds(1, now),
    newToken: () => `token${String(++count).padStart(8, '0')}`,
    now,
    onAccepted: message => accepted.push(message),
  });
}

beforeEach(() => open());
afterEach(close);

async function close(): Promise<void> {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
}

function withContent(change: object): Submission {
  if (submission.body.kind !== 'content') throw new Error('not content');
  return { ...submission, body: { ...submission.body, content: { ...submission.body.content, ...change } } };
}

describe('submit', () => {
  test('stores the message it acknowledges, composed and frozen', async () => {
    const { id, messageIdHeader, recipients, replayed } = await way.submit(principal, submission);
    expect({ recipients, replayed }).toEqual({
      recipients: [{ address: to, state: 'queued' }],
      replayed: false,
    });
    const body = await store.history.body(id);
    expect(String(body)).toContain(`Message-ID: ${messageIdHeader}\r\n`);
    expect(await store.history.message(id)).toMatchObject({
      subject: 'Hi',
      sender: from,
      lane: 1,
      expiresAt: NOW + 72 * HOUR,
    });
    expect(accepted.map(message => message.id)).toEqual([id]);
  });

  test.each<[string, Submission, Principal, object]>([
    ['a key without the scope', submission, { ...principal, scopes: ['read'] }, { code: 'forbidden' }],
    [
      'a foreign From',
      withContent({ from: { address: 'x@other.test' } }),
      principal,
      { code: 'sender_not_allowed' },
    ],
    [
      'a foreign envelope sender',
      { ...submission, envelope: { sender: 'x@other.test' as Address, recipients: [to] } },
      principal,
      { code: 'sender_not_allowed' },
    ],
    [
      'no recipient',
      { ...submission, envelope: { sender: from, recipients: [] } },
      principal,
      { code: 'invalid' },
    ],
    [
      'too many recipients',
      { ...submission, envelope: { sender: from, recipients: [to, to, to] } },
      principal,
      { code: 'too_many_recipients' },
    ],
    ['too big a message', withContent({ text: 'x'.repeat(2_000) }), principal, { code: 'too_large' }],
    [
      'a time too far ahead',
      { ...submission, sendAt: NOW + 31 * DAY },
      principal,
      { code: 'invalid', details: { field: 'sendAt' } },
    ],
    [
      'an expiry before the time of sending',
      { ...submission, sendAt: NOW + HOUR, expiresAt: NOW },
      principal,
      { code: 'invalid', details: { field: 'expiresAt' } },
    ],
    [
      'an expiry too far ahead',
      { ...submission, expiresAt: NOW + 6 * DAY },
      principal,
      { code: 'invalid', details: { field: 'expiresAt' } },
    ],
  ])('refuses %s, and stores nothing', async (_name, given, who, error) => {
    await expect(way.submit(who, given)).rejects.toMatchObject(error);
    expect((await store.history.list({}, { limit: 1 })).items).toEqual([]);
  });

  test('refuses a raw message that says it is from somebody else', async () => {
    const mime = Buffer.from('From: boss@other.test\r\nSubject: x\r\n\r\nx\r\n');
    await expect(way.submit(principal, { ...submission, body: { kind: 'raw', mime } })).rejects.toMatchObject(
      { code: 'sender_not_allowed' },
    );
  });

  test('refuses a raw message whose header has no end', async () => {
    const mime = Buffer.from(`From: ${from}\r\n${'X: y\r\n'.repeat(50_000)}\r\nx\r\n`);
    await expect(way.submit(principal, { ...submission, body: { kind: 'raw', mime } })).rejects.toThrow(
      /header/,
    );
  });

  test('refuses a raw message that goes in a circle', async () => {
    const mime = Buffer.from(`${'Received: from a by b\r\n'.repeat(51)}From: ${from}\r\n\r\nx\r\n`);
    await expect(way.submit(principal, { ...submission, body: { kind: 'raw', mime } })).rejects.toThrow(
      /loop/,
    );
  });

  test('gives From of the provider where the caller left it out', async () => {
    const { id } = await way.submit(principal, {
      ...withContent({ from: undefined }),
      envelope: { sender: '', recipients: [to] },
    });
    expect(await store.history.message(id)).toMatchObject({
      sender: 'default@sender.test',
      from: 'default@sender.test',
    });
    expect(String(await store.history.body(id))).toContain('From: Default <default@sender.test>\r\n');
  });

  test('dates scheduled mail at its release, and starts its expiry there', async () => {
    const { id } = await way.submit(principal, { ...submission, sendAt: NOW + DAY });
    const view = await store.history.message(id);
    expect(view).toMatchObject({ expiresAt: NOW + DAY + 72 * HOUR, recipients: [{ dueAt: NOW + DAY }] });
    expect(String(await store.history.body(id))).toContain('Date: Sun, 22 Nov 2026 12:00:00 +0000\r\n');
  });

  test('answers the same request under the same key with the same message, and another with a conflict', async () => {
    const keyed = { ...submission, idempotencyKey: 'order-1' };
    const first = await way.submit(principal, keyed);
    const again = await way.submit(principal, keyed);
    expect(again).toEqual({ ...first, replayed: true });
    await expect(
      way.submit(principal, { ...withContent({ subject: 'Other' }), idempotencyKey: 'order-1' }),
    ).rejects.toMatchObject({ code: 'conflict' });
    expect(accepted).toHaveLength(1);
  });

  describe('with limits of the account', () => {
    const limited = (limits: AccountLimits): Principal => ({
      ...principal,
      account: { ...principal.account, limits },
    });
    const toBoth = { ...submission, envelope: { sender: from, recipients: [to, 'b@rcpt.test' as Address] } };

    test('refuses what is more than a window has left, and says when there is enough', async () => {
      const who = limited({ maxPerMinute: 3, maxPerHour: 100 });
      await way.submit(who, toBoth);
      await expect(way.submit(who, toBoth)).rejects.toMatchObject({
        code: 'rate_limited',
        message: 'The limit of 3 recipients a minute is used up for now.',
        details: { retryAfterSeconds: 60 },
      });
      await way.submit(who, submission);
      expect(accepted.map(({ envelope }) => envelope.recipients.length)).toEqual([2, 1]);
    });

    test('counts each account by itself', async () => {
      const other = { ...principal, account: { ...principal.account, id: 2, limits: { maxPerDay: 1 } } };
      await way.submit(limited({ maxPerDay: 1 }), submission);
      await way.submit(other, submission);
      await expect(way.submit(other, submission)).rejects.toMatchObject({ code: 'rate_limited' });
    });

    test.for<AccountLimits>([{ maxRecipientsPerMessage: 1 }, { maxPerMinute: 1 }, { maxPerDay: 1 }])(
      'refuses for good a message with more recipients than %j ever lets through',
      async limits => {
        await expect(way.submit(limited(limits), toBoth)).rejects.toMatchObject({
          code: 'too_many_recipients',
        });
      },
    );
  });

  test('was accepted when its id says, although the clock goes on meanwhile', async () => {
    let clock = NOW;
    const ticking = () => clock++;
    const { id } = await joinWay(ticking).submit(principal, submission);
    const view = await store.history.message(id);
    expect(view?.createdAt).toBe(msOfId(id));
    expect((await store.history.list({ until: msOfId(id) + 1 }, { limit: 1 })).items).toHaveLength(1);
    expect((await store.history.list({ since: view?.createdAt ?? 0 }, { limit: 1 })).items).toHaveLength(1);
  });

  test('says that it has no room, and when to come again', async () => {
    await close();
    await open({ maxQueued: 1 });
    await way.submit(principal, submission);
    await expect(way.submit(principal, submission)).rejects.toMatchObject({
      code: 'unavailable',
      details: { retryAfterSeconds: 30 },
    });
  });
});
