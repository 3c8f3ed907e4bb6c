import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cpuMsOf } from '../../test/helpers/programs/cpu-time.ts';
import { prepareRaw, removeFields } from './raw-message.ts';

const FRAME = { date: Date.UTC(2026, 10, 21, 2, 29, 15), messageId: '<new@example.test>' };
const DATE = 'Date: Sat, 21 Nov 2026 02:29:15 +0000\r\n';
const ID = 'Message-ID: <new@example.test>\r\n';

function prepared(text: string): string {
  return prepareRaw(Buffer.from(text), FRAME).mime.toString();
}

describe('prepareRaw', () => {
  test('returns a complete message unchanged', () => {
    const mime = Buffer.from('From: a@b.test\r\ndate: today\r\nMESSAGE-ID: <x@y>\r\n\r\nbody');
    expect(prepareRaw(mime, FRAME).mime).toBe(mime);
  });

  test('puts trace fields, a missing Date and a missing Message-ID in front, in this order', () => {
    const traceHeaders = [{ name: 'Received', value: 'from client by gate with ESMTPA' }];
    const mime = Buffer.from('From: a@b.test\r\n\r\nbody');
    expect(prepareRaw(mime, { ...FRAME, traceHeaders }).mime.toString()).toBe(
      `Received: from client by gate with ESMTPA\r\n${DATE}${ID}From: a@b.test\r\n\r\nbody`,
    );
  });

  test.each([
    ['Bcc: x@y.test\r\n'],
    ['BCC : x@y.test,\r\n\tz@y.test\r\n'],
    ['Resent-Bcc: x@y.test\r\n'],
    ['Return-Path: <x@y.test>\r\n'],
    ['Content-Length: 7\r\n'],
    ['Bcc: a\r\nbcc: b\r\n  c\r\n'],
    ['Message-ID: \r\n'],
    ['Date:\r\n \r\n'],
  ])('removes %j with its folded lines, wherever it is', unwanted => {
    const [first, rest] = ['From: a@b.test\r\n', 'Bcc-Not: stays\r\nSubject: x\r\n\r\nBcc: in the body\r\n'];
    for (const text of [unwanted + first + rest, first + unwanted + rest]) {
      expect(prepared(text)).toBe(DATE + ID + first + rest);
    }
  });

  test.each([
    ['a message that starts with its empty line', '\r\nbody\r\n', `${DATE}${ID}\r\nbody\r\n`],
    ['a text without any header', 'Hello world\r\n', `${DATE}${ID}\r\nHello world\r\n`],
    ['a header without a body', 'Subject: x\r\n', `${DATE}${ID}Subject: x\r\n`],
    ['nothing at all', '', `${DATE}${ID}\r\n`],
    [
      'a message from an mbox file',
      'From a Sat Nov 21 02:29:15 2026\r\nTo: b\r\n\r\n',
      `${DATE}${ID}To: b\r\n\r\n`,
    ],
  ])('makes a message from %s', (_, text, whole) => {
    expect(prepared(text)).toBe(whole);
  });

  test('returns the facts of the header', () => {
    const text = [
      'Received: from b',
      'received: from a',
      'From: "Doe, Jane" <Jane@Example.test>, b@example.test',
      'Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=',
      ' =?utf-8?Q?_an_alle?=',
      'Message-ID:',
      ' <x@y.test> (comment)',
      'Date: Fri, 20 Nov 2026 10:00:00 +0100',
      '',
      'body',
    ].join('\r\n');
    const { mime, ...facts } = prepareRaw(Buffer.from(text), FRAME);
    expect(mime.toString()).toBe(text);
    expect(facts).toEqual({
      fromAddresses: ['Jane@example.test', 'b@example.test'],
      from: 'Jane@example.test',
      subject: 'Grüße an alle',
      messageIdHeader: '<x@y.test>',
      date: 'Fri, 20 Nov 2026 10:00:00 +0100',
      receivedCount: 2,
      eightBit: false,
      smtputf8: false,
    });
  });

  test('collects all From fields, and has no addresses if one of them is invalid', () => {
    const facts = (text: string) => prepareRaw(Buffer.from(text), FRAME);
    expect(facts('From: a@b.test\r\nFrom: c@d.test\r\n\r\n').fromAddresses).toEqual(['a@b.test', 'c@d.test']);
    expect(facts('From: a@b.test\r\nFrom: nobody\r\n\r\n').fromAddresses).toBeUndefined();
    expect(facts('From:\r\n\r\n').fromAddresses).toBeUndefined();
    expect(facts('To: a@b.test\r\n\r\n')).toMatchObject({ fromAddresses: [], from: '' });
  });

  test.each([
    ['A: b\r\n\r\nplain', false, false],
    ['A: b\r\n\r\nä', true, false],
    ['A: ä\r\n\r\nplain', true, true],
  ])('of %j finds 8-bit octets: %j, in the header: %j', (text, eightBit, smtputf8) => {
    expect(prepareRaw(Buffer.from(text), FRAME)).toMatchObject({ eightBit, smtputf8 });
  });

  test('keeps all other fields and the body octet for octet', () => {
    const value = fc.string({
      unit: fc.constantFrom('a', ':', ' ', '\t', '\r\n ', '\r\n\t', 'ä', '"', '\0'),
    });
    const kept = fc.constantFrom('Subject', 'X-Bcc', 'Bccx', 'To', 'X-Return-Path', 'Received');
    const removed = fc.constantFrom('Bcc', 'bCC ', 'Resent-Bcc', 'RETURN-PATH', 'Content-Length\t');
    const line = (name: string, text: string) => `${name}:${text}.\r\n`;
    const field = fc.oneof(
      fc.tuple(kept, value).map(([name, text]) => ({ text: line(name, text), isKept: true })),
      fc.tuple(removed, value).map(([name, text]) => ({ text: line(name, text), isKept: false })),
    );
    fc.assert(
      fc.property(fc.array(field), fc.uint8Array(), (fields, body) => {
        const message = (some: typeof fields) =>
          Buffer.concat([
            Buffer.from(`${some.map(({ text }) => text).join('')}Date: x\r\nMessage-ID: <x@y>\r\n\r\n`),
            body,
          ]);
        const { mime } = prepareRaw(message(fields), FRAME);
        expect(mime.toString('latin1')).toBe(
          message(fields.filter(({ isKept }) => isKept)).toString('latin1'),
        );
      }),
    );
  });

  test('puts its fields in front of the same octets, whatever they are', () => {
    const piece = fc.oneof(
      fc.constantFrom('\r\n', '\r\n\r\n', '\r\n ', 'X: y', 'From: a@b.test', 'Subject', ': ', '\n', '\r'),
      fc.string({ unit: 'binary', maxLength: 10 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), pieces => {
        const mime = Buffer.from(pieces.join(''));
        const result = prepareRaw(mime, FRAME).mime;
        expect(result.subarray(result.length - mime.length).equals(mime)).toBe(true);
        expect(prepareRaw(result, FRAME).mime.equals(result)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['without an empty line', 'x'.repeat(5_000_000)],
    ['of short lines', 'a:\r\n'.repeat(200_000)],
    ['of fields to remove', 'Bcc: x\r\n'.repeat(100_000)],
    ['of one folded field', `Subject: x${'\r\n y'.repeat(500_000)}`],
    ['of empty encoded-words', `Subject: ${'=?utf-8?Q??= '.repeat(200_000)}`],
    ['of brackets', `Message-ID: ${'<'.repeat(3_000_000)}`],
  ])('does not stall on a header %s', (_, text) => {
    const mime = Buffer.from(text);
    expect(cpuMsOf(() => prepareRaw(mime, FRAME))).toBeLessThan(4_000);
  });
});

describe('removeFields', () => {
  test('removes the fields that match the predicate by lower-case name, in the header only', () => {
    const mime = Buffer.from(
      'X-Job: 1\r\nTo: a\r\nx-DSN-Notify: y\r\n z\r\nX-Jobs: 2\r\n\r\nX-Job: body\r\n',
    );
    const removed = removeFields(mime, name => name === 'x-job' || name.startsWith('x-dsn'));
    expect(removed.toString()).toBe('To: a\r\nX-Jobs: 2\r\n\r\nX-Job: body\r\n');
  });

  test('returns the same buffer when no field matches', () => {
    const mime = Buffer.from('To: a\r\n\r\n');
    expect(removeFields(mime, () => false)).toBe(mime);
  });
});
