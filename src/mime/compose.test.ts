import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { describe, expect, test } from 'vitest';
import type { Address, Mailbox } from '../core/address.ts';
import type { Attachment, Content } from '../core/message.ts';
import { compose } from './compose.ts';
import type { Frame } from './frame.ts';
import { checkLineEnds } from './line-ends.ts';

const FRAME: Frame = {
  date: Date.UTC(2026, 10, 21, 2, 29, 15),
  messageId: '<1@example.test>',
  boundaryToken: 'abcdefgh12345678',
};

function box(address: string, name?: string): Mailbox {
  return { address: address as Address, ...(name !== undefined && { name }) };
}

function contentWith(part: Partial<Content>): Content {
  return {
    from: box('shop@example.test'),
    to: [box('rcpt@example.test')],
    cc: [],
    replyTo: [],
    subject: 'Hi',
    attachments: [],
    headers: [],
    ...part,
  };
}

function composed(part: Partial<Content>, frame: Partial<Frame> = {}): string {
  return compose(contentWith(part), { ...FRAME, ...frame }).mime.toString();
}

function bodyOf(mime: string): string {
  return mime.slice(mime.indexOf('\r\n\r\n') + 4);
}

const file: Attachment = { filename: 'a.txt', contentType: 'text/plain', content: 'QUJD' };
const image: Attachment = {
  contentType: 'image/png',
  content: new Uint8Array([1, 2, 3]),
  cid: 'i@example.test',
};

describe('a composed message', () => {
  test('has its fields in the usual order and never a Bcc', () => {
    const mime = composed({
      from: box('shop@example.test', 'Shop'),
      sender: box('robot@example.test'),
      to: [box('a@example.test'), box('b@example.test', 'B')],
      cc: [box('c@example.test')],
      replyTo: [box('help@example.test')],
      subject: 'Your order',
      headers: [{ name: 'X-Order', value: '7' }],
      text: 'Thank you.\n',
    });
    expect(mime.split('\r\n')).toEqual([
      'From: Shop <shop@example.test>',
      'Sender: robot@example.test',
      'To: a@example.test, B <b@example.test>',
      'Cc: c@example.test',
      'Reply-To: help@example.test',
      'Subject: Your order',
      'Date: Sat, 21 Nov 2026 02:29:15 +0000',
      'Message-ID: <1@example.test>',
      'X-Order: 7',
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset="utf-8"',
      'Content-Transfer-Encoding: 7bit',
      '',
      'Thank you.',
      '',
    ]);
  });

  test('without To and Cc has a To field without an address', () => {
    expect(composed({ to: [] })).toContain('\r\nTo: undisclosed-recipients:;\r\n');
    expect(composed({ to: [], cc: [box('c@example.test')] })).not.toContain('\r\nTo:');
  });

  test('without text and html has one empty text part', () => {
    expect(composed({})).toMatch(/Content-Type: text\/plain; charset="utf-8"\r\n.*\r\n\r\n$/);
  });

  test('has its parts in the usual order', () => {
    const mime = composed({ text: 'plain', html: '<p>', attachments: [file, image] });
    expect(mime.match(/(?<=Content-Type: )[a-z/]+/g)).toEqual([
      'multipart/mixed',
      'multipart/alternative',
      'text/plain',
      'multipart/related',
      'text/html',
      'image/png',
      'text/plain',
    ]);
    expect(bodyOf(mime).split('\r\n').slice(-17)).toEqual([
      '--=_abcdefgh12345678_3',
      'Content-Type: image/png',
      'Content-Transfer-Encoding: base64',
      'Content-ID: <i@example.test>',
      'Content-Disposition: inline',
      '',
      'AQID',
      '--=_abcdefgh12345678_3--',
      '--=_abcdefgh12345678_2--',
      '--=_abcdefgh12345678_1',
      'Content-Type: text/plain',
      'Content-Transfer-Encoding: base64',
      'Content-Disposition: attachment; filename="a.txt"',
      '',
      'QUJD',
      '--=_abcdefgh12345678_1--',
      '',
    ]);
  });

  test.each([
    ['text only', { text: 'a' }, []],
    ['html only', { html: 'a' }, []],
    ['text and html', { text: 'a', html: 'b' }, ['alternative']],
    ['html with an image', { html: 'a', attachments: [image] }, ['related']],
    ['text with an image that no html refers to', { text: 'a', attachments: [image] }, ['mixed']],
    ['a file only', { attachments: [file] }, ['mixed']],
  ])('of %s has only the multiparts that it needs', (_, part, multiparts) => {
    expect(composed(part).match(/(?<=multipart\/)[a-z]+/g) ?? []).toEqual(multiparts);
  });

  test('has an encoding for each text', () => {
    const encodings = (part: Partial<Content>, frame: Partial<Frame> = {}) =>
      composed(part, frame).match(/(?<=Transfer-Encoding: ).+(?=\r)/g);
    expect(encodings({ text: 'short', html: '漢字漢字' })).toEqual(['7bit', 'base64']);
    expect(encodings({ text: 'x'.repeat(79), html: 'Greetings from the Süden' })).toEqual([
      'quoted-printable',
      'quoted-printable',
    ]);
    expect(encodings({ text: 'short', html: '漢字' }, { textEncoding: 'quoted-printable' })).toEqual([
      'quoted-printable',
      'quoted-printable',
    ]);
    expect(encodings({ text: 'x'.repeat(998), html: '漢字' }, { eightBit: true })).toEqual(['7bit', '8bit']);
    expect(encodings({ text: 'ä'.repeat(500) }, { eightBit: true })).toEqual(['base64']);
  });

  test('has UTF-8 in the header only if an address needs it', () => {
    const { mime, smtputf8, eightBit } = compose(
      contentWith({ subject: 'ü', from: box('ü@example.test', 'Ü') }),
      FRAME,
    );
    expect({ smtputf8, eightBit }).toEqual({ smtputf8: true, eightBit: true });
    expect(mime.toString()).toContain('From: =?utf-8?B?w5w=?= <ü@example.test>\r\n');
    expect(mime.toString()).toContain('Subject: =?utf-8?B?w7w=?=\r\n');
  });

  test('encodes a text that contains the boundary token', () => {
    const text = `--=_${FRAME.boundaryToken}_1--\n`;
    const mime = composed({ text, html: text });
    expect(mime.match(/^--=_abcdefgh12345678_1(--)?\r$/gm)).toHaveLength(3);
    expect(mime).toContain('--=3D_abcdefgh12345678_1--');
  });

  test('contains an attached message unchanged if it is valid 7-bit, and otherwise as application/octet-stream', () => {
    const attached = (content: string, contentType = 'message/rfc822') =>
      composed({
        text: 'x',
        attachments: [{ contentType, content: Buffer.from(content).toString('base64') }],
      });
    expect(attached('Subject: a\r\n\r\nb\r\n')).toContain(
      'Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 7bit\r\nContent-Disposition: attachment\r\n\r\n' +
        'Subject: a\r\n\r\nb\r\n\r\n--',
    );
    const octets = /Content-Type: application\/octet-stream\r\nContent-Transfer-Encoding: base64/;
    expect(attached('Subject: a\n\nb\n')).toMatch(octets);
    expect(attached('Subject: ä\r\n\r\n')).toMatch(octets);
    expect(attached(`Subject: a\r\n\r\n--=_${FRAME.boundaryToken}_1\r\n`)).toMatch(octets);
    expect(attached('--x\r\n', 'multipart/mixed; boundary=x')).toMatch(octets);
  });

  test('has a Content-ID of characters that a cid URL can have', () => {
    const attachments = [{ ...image, cid: 'über <b>\r\n' }];
    expect(composed({ html: 'x', attachments })).toContain('Content-ID: <%C3%BCber%20%3Cb%3E%0D%0A>\r\n');
  });

  test('has its own memory of exactly its size', () => {
    const first = compose(contentWith({ text: 'first' }), FRAME).mime;
    const before = first.toString();
    compose(contentWith({ text: 'second'.repeat(1000), attachments: [file] }), FRAME);
    expect(first.toString()).toBe(before);
    expect(first.buffer.byteLength).toBe(first.length);
  });

  test('is not affected by an earlier message that failed or was large', () => {
    const before = composed({ text: 'x' });
    expect(() => composed({ subject: 'a\nb' })).toThrow();
    composed({ text: 'ä'.repeat(3_000_000) });
    expect(composed({ text: 'x' })).toBe(before);
  });

  test.each([
    'From',
    'to',
    'CC',
    'Bcc',
    'Reply-To',
    'Date',
    'message-id',
    'MIME-Version',
    'Content-Type',
    'resent-bcc',
  ])('cannot have a field %s of the caller', name => {
    expect(() => composed({ headers: [{ name, value: 'x' }] })).toThrow(
      'The caller cannot set the header field',
    );
  });

  test('needs a valid Message-ID and a valid boundary token', () => {
    expect(() => composed({}, { messageId: '1@example.test' })).toThrow('Invalid Message-ID');
    expect(() => composed({}, { messageId: '<1@example.test>\r\nX: <y>' })).toThrow('Invalid Message-ID');
    expect(() => composed({}, { boundaryToken: 'short' })).toThrow('boundary token');
    expect(() => composed({}, { boundaryToken: 'with"quotes"in' })).toThrow('boundary token');
  });
});

/** Any UTF-16, including lone surrogates, with many line breaks and other difficult characters. */
const hostile = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }).map(code => String.fromCharCode(code)),
      fc.constantFrom(
        '\r\n',
        '\r',
        '\n',
        '\0',
        '\r\n\r\n',
        '\r\nBcc: x@y.test',
        '--=_abcdefgh12345678_1',
        ':',
        '"',
        '\\',
      ),
      fc.constantFrom(
        'abc',
        ' ',
        ';',
        '=?utf-8?Q?=0D=0A?=',
        '<',
        '>',
        '.',
        '\u2028',
        '\u0085',
        'x'.repeat(99),
      ),
    ),
    { maxLength: 12 },
  )
  .map(pieces => pieces.join(''));
const clean = hostile.map(text => text.replace(/\p{Cc}/gu, ''));
const mostlyClean = fc.oneof({ weight: 9, arbitrary: clean }, { weight: 1, arbitrary: hostile });
const mailbox = fc.record({
  name: mostlyClean,
  address: mostlyClean.map(local => `${local}@example.test` as Address),
});
const anyContent = fc.record<Content>({
  from: mailbox,
  to: fc.array(mailbox, { maxLength: 2 }),
  cc: fc.array(mailbox, { maxLength: 1 }),
  replyTo: fc.array(mailbox, { maxLength: 1 }),
  subject: mostlyClean,
  text: hostile,
  html: hostile,
  attachments: fc.array(
    fc.record({
      filename: mostlyClean,
      cid: hostile,
      contentType: fc.constant('image/png'),
      content: fc.uint8Array(),
    }),
    { maxLength: 2 },
  ),
  headers: fc.array(fc.record({ name: fc.constantFrom('X-A', 'X-B'), value: mostlyClean }), { maxLength: 2 }),
});

describe('compose, with any fields,', () => {
  test('makes a message with exactly the expected fields and parts, or throws', async () => {
    let composedCount = 0;
    await fc.assert(
      fc.asyncProperty(anyContent, async content => {
        const mime = tryToCompose(content);
        if (mime === undefined) return;
        composedCount++;
        expect(checkLineEnds(mime)).toEqual({});
        const mail = await PostalMime.parse(mime);
        expect(mail.headers.map(({ originalKey }) => originalKey).sort()).toEqual(fieldsOf(content).sort());
        expect(mail.attachments).toHaveLength(content.attachments.length);
        expect(mail.text).toBeDefined();
        expect(mail.html).toBeDefined();
      }),
      { numRuns: 600 },
    );
    expect(composedCount).toBeGreaterThan(100);
  });

  test('throws only for a control character in the header', () => {
    fc.assert(
      fc.property(anyContent, content => {
        if (tryToCompose(content) !== undefined) return;
        const { from, to, cc, replyTo, subject, headers, attachments } = content;
        const texts = [from, ...to, ...cc, ...replyTo].flatMap(({ name = '', address }) => [name, address]);
        texts.push(
          subject,
          ...headers.map(({ value }) => value),
          ...attachments.map(({ filename = '' }) => filename),
        );
        expect(texts.some(text => /[\0-\x1f\x7f]/.test(text))).toBe(true);
      }),
    );
  });
});

function tryToCompose(content: Content): Buffer | undefined {
  try {
    return compose(content, FRAME).mime;
  } catch (error) {
    expect((error as Error).message).toContain('Control character');
    return undefined;
  }
}

function fieldsOf({ to, cc, replyTo, headers }: Content): string[] {
  const fields = [
    'From',
    'Subject',
    'Date',
    'Message-ID',
    'MIME-Version',
    'Content-Type',
    ...headers.map(h => h.name),
  ];
  if (to.length > 0 || cc.length === 0) fields.push('To');
  if (cc.length > 0) fields.push('Cc');
  if (replyTo.length > 0) fields.push('Reply-To');
  return fields;
}
