import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { describe, expect, it } from 'vitest';
import { needs } from '../../../test/helpers/programs/outside.ts';
import { WAIT_MS } from '../../../test/helpers/programs/patience.ts';
import { address } from '../../../test/helpers/stores/store-message.ts';
import { checkLineEnds } from '../../mime/line-ends.ts';
import { composeNotice, type NoticeFacts } from './compose-notice.ts';
import type { FailedRecipient } from './failed-recipient.ts';

const AT = Date.UTC(2026, 10, 21, 12);

const bounced: FailedRecipient = {
  recipient: address('b@example.net'),
  state: 'bounced',
  at: AT + 60_000,
  code: 550,
  enhanced: '5.1.1',
  reason: 'no such user',
};

const facts: NoticeFacts = {
  from: address('postmaster@example.com'),
  to: address('a@example.com'),
  hostName: 'gate.example.com',
  message: { id: '0123456789abc', subject: 'Hello', messageIdHeader: '<1@example.com>', createdAt: AT },
  header: Buffer.from('From: a@example.com\r\nSubject: Hello\r\n'),
  failures: [bounced],
};

const notice = (changes: Partial<NoticeFacts> = {}) => composeNotice({ ...facts, ...changes });
const withSubject = (subject: string) => notice({ message: { ...facts.message, subject } });

/** The body of message/delivery-status, in blocks of lines. */
function statusBlocks(mime: Buffer): string[][] {
  const [, part = ''] = /message\/delivery-status\r\n\r\n(.*?)\r\n--=_/s.exec(mime.toString()) ?? [];
  return part.split('\r\n\r\n').map(block => block.split('\r\n').filter(line => line !== ''));
}

describe('composeNotice', () => {
  it('addresses the sender from the postmaster, refers to the message, and has Auto-Submitted', async () => {
    const mail = await PostalMime.parse(notice());
    expect(mail).toMatchObject({
      from: { name: 'Mail Delivery System', address: 'postmaster@example.com' },
      to: [{ address: 'a@example.com' }],
      subject: 'Undelivered: Hello',
      inReplyTo: '<1@example.com>',
      references: '<1@example.com>',
    });
    expect(mail.headers).toContainEqual(
      expect.objectContaining({ key: 'auto-submitted', value: 'auto-replied' }),
    );
  });

  it('explains to a person which recipient failed, and shows the reply', async () => {
    const { text } = await PostalMime.parse(notice());
    expect(text).toContain('b@example.net\n    The receiving server refused it: 550 5.1.1 no such user\n');
    expect(text).toContain('Subject:    Hello\n');
  });

  it('writes message/delivery-status fields for the message and each recipient (RFC 3464)', () => {
    const expired: FailedRecipient = {
      recipient: address('c@example.net'),
      state: 'expired',
      at: AT + 120_000,
      code: 451,
      enhanced: '4.7.1',
      reason: 'greylisted',
    };
    const failed: FailedRecipient = {
      recipient: address('d@example.net'),
      state: 'failed',
      at: AT,
      reason: 'needs SMTPUTF8',
    };
    expect(statusBlocks(notice({ failures: [bounced, expired, failed] }))).toEqual([
      ['Reporting-MTA: dns; gate.example.com', 'Arrival-Date: Sat, 21 Nov 2026 12:00:00 +0000'],
      [
        'Final-Recipient: rfc822; b@example.net',
        'Action: failed',
        'Status: 5.1.1',
        'Diagnostic-Code: smtp; 550 5.1.1 no such user',
        'Last-Attempt-Date: Sat, 21 Nov 2026 12:01:00 +0000',
      ],
      [
        'Final-Recipient: rfc822; c@example.net',
        'Action: failed',
        'Status: 4.4.7',
        'Diagnostic-Code: smtp; 451 4.7.1 greylisted',
        'Last-Attempt-Date: Sat, 21 Nov 2026 12:02:00 +0000',
      ],
      [
        'Final-Recipient: rfc822; d@example.net',
        'Action: failed',
        'Status: 5.0.0',
        'Diagnostic-Code: x-postern; needs SMTPUTF8',
        'Last-Attempt-Date: Sat, 21 Nov 2026 12:00:00 +0000',
      ],
    ]);
  });

  it('writes Status 5.0.0 without an enhanced code, and no Diagnostic-Code without a reply', () => {
    const silent: FailedRecipient = { recipient: bounced.recipient, state: 'bounced', at: AT, reason: '' };
    expect(statusBlocks(notice({ failures: [silent] }))[1]).toEqual([
      'Final-Recipient: rfc822; b@example.net',
      'Action: failed',
      'Status: 5.0.0',
      'Last-Attempt-Date: Sat, 21 Nov 2026 12:00:00 +0000',
    ]);
  });

  it('encodes an address that is not ASCII in 7-bit characters (RFC 6533)', () => {
    const recipient = address('jörg+1@example.net');
    expect(statusBlocks(notice({ failures: [{ ...bounced, recipient }] }))[1]?.[0]).toBe(
      'Final-Recipient: utf-8; j\\x{F6}rg\\x{2B}1@example.net',
    );
  });

  it('contains the unchanged header of the message', () => {
    expect(notice().toString()).toContain(
      'Content-Type: text/rfc822-headers\r\n\r\nFrom: a@example.com\r\nSubject: Hello\r\n\r\n--',
    );
  });

  it('encodes a header that is not 7-bit as quoted-printable', () => {
    const header = Buffer.from('Subject: Grüße\r\n');
    const mime = notice({ header }).toString('latin1');
    expect(mime).toMatch(/Content-Transfer-Encoding: quoted-printable\r\n\r\nSubject: Gr=C3=BC=C3=9Fe\r\n/);
  });

  it('omits the header if it is no longer stored', () => {
    expect(notice({ header: undefined }).toString()).not.toContain('rfc822-headers');
  });

  it('omits In-Reply-To and References if the Message-ID is invalid', () => {
    const messageIdHeader = '<grüße@example.com>';
    const mime = notice({ message: { ...facts.message, messageIdHeader } });
    expect(mime.toString()).not.toMatch(/^(In-Reply-To|References):/m);
  });

  it('returns the same bytes for the same facts', () => {
    expect(notice().equals(notice())).toBe(true);
  });

  it('is valid for any subject, header and reason', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.constantFrom('\r\n--=_notice_0123456789abc--\r\n', 'a\r\nBcc: x@y.z\r\n\r\n', '=?utf-8?q?=0D=0A?='),
    );
    await fc.assert(
      fc.asyncProperty(text, text, async (subject, reason) => {
        const header = Buffer.from(`Subject: ${subject}`);
        const printable = reason.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ');
        const mime = notice({
          message: { ...facts.message, subject, messageIdHeader: subject },
          header,
          failures: [{ ...bounced, reason: printable }],
        });
        expect(checkLineEnds(mime)).toEqual({});
        const mail = await PostalMime.parse(mime);
        expect(mail.headers.map(({ key }) => key)).toEqual(expect.not.arrayContaining(['bcc']));
        expect(mail.attachments.map(({ mimeType }) => mimeType)).toContain('message/delivery-status');
      }),
      { numRuns: 200 },
    );
  });

  it.each(['\0', 'a\rb', 'a\nb', 'x'.repeat(999)])(
    'encodes a header with %j, which is not legal 7-bit content, as quoted-printable',
    text => {
      const mime = notice({ header: Buffer.from(`Subject: ${text}`) });
      expect(checkLineEnds(mime)).toEqual({});
      expect(String(mime)).toMatch(/rfc822-headers\r\nContent-Transfer-Encoding: quoted-printable\r\n/);
    },
  );

  it('replaces a line break in a decoded subject', async () => {
    const mail = await PostalMime.parse(withSubject('one\r\nBcc: x@example.com'));
    expect(mail.subject).toBe('Undelivered: one Bcc: x@example.com');
  });
});

const SCRIPT = `
import email, email.policy, json, sys
mail = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
text, status, header = mail.iter_parts()
print(json.dumps({
  'type': mail.get_content_type(), 'report': mail.get_param('report-type'),
  'defects': [str(d) for part in mail.walk() for d in part.defects],
  'parts': [p.get_content_type() for p in (text, status, header)],
  'status': [dict(block.items()) for block in status.get_payload()],
}))`;

describe.runIf(needs('bounce messages read by Python', 'python3'))("Python's email package", () => {
  it('reads all parts of a bounce message without defects', () => {
    const { stdout, stderr } = spawnSync('python3', ['-c', SCRIPT], { input: notice(), timeout: WAIT_MS });
    expect(String(stderr)).toBe('');
    expect(JSON.parse(String(stdout))).toEqual({
      type: 'multipart/report',
      report: 'delivery-status',
      defects: [],
      parts: ['text/plain', 'message/delivery-status', 'text/rfc822-headers'],
      status: [
        { 'Reporting-MTA': 'dns; gate.example.com', 'Arrival-Date': 'Sat, 21 Nov 2026 12:00:00 +0000' },
        expect.objectContaining({
          'Final-Recipient': 'rfc822; b@example.net',
          Action: 'failed',
          Status: '5.1.1',
          'Diagnostic-Code': 'smtp; 550 5.1.1 no such user',
        }),
      ],
    });
  });
});
