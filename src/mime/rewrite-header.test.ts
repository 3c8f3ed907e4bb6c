import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Address } from '../core/address.ts';
import { isRewritable, rewriteHeader } from './rewrite-header.ts';

const CONTENT = {
  from: { address: 'new@example.test' as Address },
  to: [{ address: 'to@example.test' as Address }],
  cc: [],
  replyTo: [],
  subject: 'New',
  headers: [{ name: 'X-Own', value: 'new' }],
};

const WRITTEN =
  'From: new@example.test\r\nTo: to@example.test\r\nSubject: New\r\nX-Own: new\r\nMIME-Version: 1.0\r\n';

function rewritten(text: string): string {
  return rewriteHeader(Buffer.from(text), CONTENT).toString();
}

describe('a raw message under a new header', () => {
  test('keeps its body and the fields that are not replaced', () => {
    const kept =
      'Received: x\r\nContent-Type: text/plain;\r\n charset=utf-8\r\nReply-To: r@example.test\r\n\r\nFrom: ä\r\n';
    const dropped =
      'From: old@example.test\r\nTo: x\r\nCc: y\r\nBCC: z\r\nSubject: Old\r\n one\r\nMIME-Version: 1.0\r\nMessage-Id: <a@b>\r\nx-own: old\r\n';
    expect(rewritten(dropped + kept)).toBe(WRITTEN + kept);
  });

  test('loses Date, Sender and Reply-To only if there are new ones', () => {
    const mime = Buffer.from('Date: old\r\nSender: old\r\nReply-To: old\r\n\r\nbody');
    const reply = { address: 'reply@example.test' as Address };
    const result = rewriteHeader(
      mime,
      { ...CONTENT, sender: reply, replyTo: [reply] },
      { date: 0, messageId: '<n@e>' },
    );
    expect(result.toString()).toBe(
      'From: new@example.test\r\nSender: reply@example.test\r\nTo: to@example.test\r\nReply-To: reply@example.test\r\n' +
        'Subject: New\r\nDate: Thu, 01 Jan 1970 00:00:00 +0000\r\nMessage-ID: <n@e>\r\nX-Own: new\r\nMIME-Version: 1.0\r\n\r\nbody',
    );
  });

  test('can have an empty header before', () => {
    expect(rewritten('\r\nbody')).toBe(`${WRITTEN}\r\nbody`);
  });

  test.each([
    'Subject: x\r\nno body',
    '',
    'hello\r\n\r\nbody',
    ' folded\r\nA: b\r\n\r\nbody',
    'A: b\r\n: c\r\n\r\n',
  ])('cannot be %j: its header has no end or an invalid line', text => {
    expect(isRewritable(Buffer.from(text))).toBe(false);
    expect(() => rewritten(text)).toThrow();
  });

  test('of any kind keeps its body octet for octet, and has one From', () => {
    const lines = fc.array(fc.constantFrom('From: old@x.test', 'X: y', ' folded', 'Bcc: z', 'SUBJECT : old'));
    fc.assert(
      fc.property(lines, fc.uint8Array({ maxLength: 100 }), (header, octets) => {
        const body = Buffer.concat([Buffer.from('\r\n'), octets]);
        const mime = Buffer.concat([Buffer.from(header.map(line => `${line}\r\n`).join('')), body]);
        if (header[0] === ' folded') return;
        const result = rewriteHeader(mime, CONTENT);
        expect(result.subarray(-body.length)).toEqual(body);
        const fields = result.subarray(0, -body.length).toString();
        expect(fields.match(/^(?:From|Subject|Bcc) *:.*/gim)).toEqual([
          'From: new@example.test',
          'Subject: New',
        ]);
      }),
    );
  });
});
