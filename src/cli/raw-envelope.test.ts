import { describe, expect, it } from 'vitest';
import { envelopeOf } from './raw-envelope.ts';

const MAIL = Buffer.from(
  [
    'From: "Shop, Inc." <shop@sender.test>',
    'To: Ann <ann@rcpt.test>, bob@rcpt.test',
    'Cc: friends: carol@rcpt.test, ann@rcpt.test;',
    'Bcc: dave@rcpt.test',
    'Subject: hello',
    '',
    'To: nobody@rcpt.test',
  ].join('\n'),
);

describe('envelopeOf', () => {
  it('reads sender and recipients from the header, with groups and Bcc, without duplicates', async () => {
    expect(await envelopeOf(MAIL, undefined, [])).toEqual({
      sender: 'shop@sender.test',
      recipients: ['ann@rcpt.test', 'bob@rcpt.test', 'carol@rcpt.test', 'dave@rcpt.test'],
    });
  });

  it('prefers the sender and the recipients of the command line', async () => {
    expect(await envelopeOf(MAIL, 'bounces@sender.test', ['Eve <eve@rcpt.test>, fay@rcpt.test'])).toEqual({
      sender: 'bounces@sender.test',
      recipients: ['eve@rcpt.test', 'fay@rcpt.test'],
    });
  });

  it('prefers Sender to From, and returns an empty sender without both', async () => {
    const both = Buffer.from('From: a@x.test, b@x.test\r\nSender: b@x.test\r\nTo: c@x.test\r\n\r\n');
    expect((await envelopeOf(both, undefined, [])).sender).toBe('b@x.test');
    const neither = Buffer.from('To: c@x.test\r\n\r\n');
    expect((await envelopeOf(neither, undefined, [])).sender).toBe('');
  });

  it('refuses a message without recipients', async () => {
    await expect(envelopeOf(Buffer.from('Subject: x\n\nbody'), undefined, [])).rejects.toThrow(
      'add --to ADDRESS',
    );
  });
});
