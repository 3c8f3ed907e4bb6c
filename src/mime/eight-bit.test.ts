import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { describe, expect, test } from 'vitest';
import { compose } from './compose.ts';
import { toSevenBit } from './eight-bit.ts';

function converted(text: string | Buffer): string | undefined {
  return toSevenBit(Buffer.from(text))?.toString('latin1');
}

function lines(...all: string[]): string {
  return `${all.join('\r\n')}\r\n`;
}

const MULTIPART = lines(
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary="b b"',
  'Content-Transfer-Encoding: 8bit',
  '',
  'preamble',
  '--b b',
  'Content-Type: text/plain; charset=utf-8',
  'content-transfer-encoding:  8bit',
  'X-Kept:  as it is ',
  '',
  'Grüße aus der Mitte eines langen Satzes.',
  '--b b \t',
  'Content-Type: image/png',
  'Content-Transfer-Encoding: base64',
  '',
  'AQID',
  '--b b',
  '',
  'no header, ä, and a good deal of plain text around it',
  '--b b--',
  'epilogue',
);

describe('a message for a server without 8BITMIME', () => {
  test('is not changed if it is 7-bit', () => {
    const mime = Buffer.from('Content-Transfer-Encoding: 8bit\r\n\r\nplain\r\n');
    expect(toSevenBit(mime)).toBe(mime);
  });

  test('has its 8-bit parts re-encoded and everything else unchanged', () => {
    expect(converted(MULTIPART)).toBe(
      MULTIPART.replace(
        'boundary="b b"\r\nContent-Transfer-Encoding: 8bit',
        'boundary="b b"\r\nContent-Transfer-Encoding: 7bit',
      )
        .replace('content-transfer-encoding:  8bit', 'Content-Transfer-Encoding: quoted-printable')
        .replace('Grüße', 'Gr=C3=BC=C3=9Fe')
        .replace(
          '\r\n\r\nno header, ä',
          '\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nno header, =C3=A4',
        ),
    );
  });

  test.each([
    [
      'one text part',
      lines('MIME-Version: 1.0', 'Content-Type: text/plain', '', 'Schöne Grüße von uns allen hier'),
      lines(
        'MIME-Version: 1.0',
        'Content-Type: text/plain',
        'Content-Transfer-Encoding: quoted-printable',
        '',
        'Sch=C3=B6ne Gr=C3=BC=C3=9Fe von uns allen hier',
      ),
    ],
    [
      'text that is shorter in base64',
      lines('MIME-Version: 1.0', 'Content-Type: text/plain', '', '漢字かな'),
      lines(
        'MIME-Version: 1.0',
        'Content-Type: text/plain',
        'Content-Transfer-Encoding: base64',
        '',
        '5ryi5a2X44GL44GqDQo=',
      ),
    ],
    [
      'octets that are not text',
      'MIME-Version: 1.0\r\nContent-Type: image/x\r\nContent-Transfer-Encoding: binary\r\n\r\n\u00e9 a long run of letters\r\n',
      lines(
        'MIME-Version: 1.0',
        'Content-Type: image/x',
        'Content-Transfer-Encoding: base64',
        '',
        'w6kgYSBsb25nIHJ1biBvZiBsZXR0ZXJzDQo=',
      ),
    ],
    [
      'no MIME-Version',
      lines('Subject: x', '', 'Grüße und viele weitere Wörter dazu'),
      lines(
        'Subject: x',
        'Content-Transfer-Encoding: quoted-printable',
        'MIME-Version: 1.0',
        '',
        'Gr=C3=BC=C3=9Fe und viele weitere W=C3=B6rter dazu',
      ),
    ],
    [
      'an attached message',
      lines(
        'MIME-Version: 1.0',
        'Content-Type: message/rfc822',
        'Content-Transfer-Encoding: 8bit',
        '',
        'MIME-Version: 1.0',
        'Content-Transfer-Encoding: 8bit',
        '',
        'naïve text of a few more words',
      ),
      lines(
        'MIME-Version: 1.0',
        'Content-Type: message/rfc822',
        'Content-Transfer-Encoding: 7bit',
        '',
        'MIME-Version: 1.0',
        'Content-Transfer-Encoding: quoted-printable',
        '',
        'na=C3=AFve text of a few more words',
      ),
    ],
    [
      'a signed 7-bit part beside an 8-bit part',
      lines(
        'Content-Type: multipart/mixed; boundary=o',
        '',
        '--o',
        'Content-Type: multipart/signed; boundary=s',
        '',
        '--s',
        '',
        'signed',
        '--s--',
        '--o',
        '',
        'ä with a few plain words',
        '--o--',
      ),
      lines(
        'Content-Type: multipart/mixed; boundary=o',
        '',
        '--o',
        'Content-Type: multipart/signed; boundary=s',
        '',
        '--s',
        '',
        'signed',
        '--s--',
        '--o',
        'Content-Transfer-Encoding: quoted-printable',
        '',
        '=C3=A4 with a few plain words',
        '--o--',
      ),
    ],
  ])('with %s is converted', (_, mime, sevenBit) => {
    expect(converted(mime)).toBe(sevenBit);
  });

  test.each([
    ['is signed', lines('Content-Type: multipart/signed; boundary=b', '', '--b', '', 'ä', '--b--')],
    ['is DKIM-signed', lines('DKIM-Signature: v=1', 'Subject: x', '', 'ä')],
    ['has 8-bit header fields', lines('Subject: ä', '', 'ä')],
    ['has 8-bit header fields in a part', MULTIPART.replace('as it is', 'ä')],
    ['has 8-bit octets in a part labelled base64', lines('Content-Transfer-Encoding: base64', '', 'ä')],
    ['has an unknown encoding', lines('Content-Transfer-Encoding: x-uuencode', '', 'ä')],
    [
      'has two encoding fields',
      lines('Content-Transfer-Encoding: 8bit', 'content-transfer-encoding: 8bit', '', 'ä'),
    ],
    ['has an invalid line in its header', lines('Subject: x', 'not a field', '', 'ä')],
    ['has an invalid Content-Type', lines('Content-Type: text', '', 'ä')],
    ['has no boundary', lines('Content-Type: multipart/mixed', '', '--b', '', 'ä', '--b--')],
    [
      'has two boundaries',
      lines('Content-Type: multipart/mixed; boundary=b; boundary=c', '', '--b', '', 'ä', '--b--'),
    ],
    ['has no last delimiter', lines('Content-Type: multipart/mixed; boundary=b', '', '--b', '', 'ä')],
    ['has 8-bit text before its first part', MULTIPART.replace('preamble', 'präambel')],
    ['has 8-bit text after its last part', MULTIPART.replace('epilogue', 'épilogue')],
    ['has 8-bit text in a delivery report', lines('Content-Type: message/delivery-status', '', 'ä')],
    ['is nested too deep', nested(21)],
    ['has too many parts', manyParts(1001)],
  ])('that %s is not converted', (_, mime) => {
    expect(converted(mime)).toBeUndefined();
  });

  test('has parts only between delimiters on their own lines', () => {
    const mime = (encoding: string, first: string, second: string) =>
      lines(
        'Content-Type: multipart/mixed; boundary=b',
        '',
        '--b',
        encoding,
        first,
        second,
        '--bc',
        '--b is',
        '--b--',
      );
    expect(converted(mime('', 'a naïve text that ends in --b', 'and goes on, à la carte'))).toBe(
      mime(
        'Content-Transfer-Encoding: quoted-printable\r\n',
        'a na=C3=AFve text that ends in --b',
        'and goes on, =C3=A0 la carte',
      ),
    );
  });

  test('has its own memory of exactly its size', () => {
    const result = toSevenBit(Buffer.from(MULTIPART));
    expect(result?.buffer.byteLength).toBe(result?.length);
  });

  test('can be nested to 20 and have 1,000 parts', () => {
    expect(converted(nested(20))).toContain('=C3=A4');
    expect(converted(manyParts(1000))).toContain('=C3=A4');
  });

  test('has the same content for its reader as before', async () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }).map(body => `${body}ä\n`);
    await fc.assert(
      fc.asyncProperty(text, text, async (plain, html) => {
        const content = {
          from: { address: 'a@b.test' as never },
          to: [],
          cc: [],
          replyTo: [],
          subject: 'x',
          text: plain,
          html,
          attachments: [{ contentType: 'image/png', content: 'AQID' }],
          headers: [],
        };
        const frame = { date: 0, messageId: '<a@b>', boundaryToken: 'abcdefgh12345678', eightBit: true };
        const { mime } = compose(content, frame);
        const sevenBit = toSevenBit(mime);
        expect(sevenBit?.every(octet => octet < 128)).toBe(true);
        const meaning = async (message: Buffer) => {
          const mail = await PostalMime.parse(message);
          const lines = (body = '') => body.replaceAll('\r\n', '\n').replace(/\n+$/, '');
          return [lines(mail.text), lines(mail.html), mail.attachments.length];
        };
        expect(await meaning(sevenBit ?? mime)).toEqual(await meaning(mime));
      }),
    );
  });

  test('is converted without exceptions, and the result has no 8-bit octets', () => {
    const piece = fc.constantFrom(
      'Content-Type: multipart/mixed; boundary=b\r\n',
      'Content-Type: message/rfc822\r\n',
      'Content-Transfer-Encoding: 8bit\r\n',
      '\r\n',
      '--b\r\n',
      '--b--\r\n',
      'ä\r\n',
      'Subject: x\r\n',
      '\n',
      'ä',
      ' ',
      '"',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 25 }), pieces => {
        const result = toSevenBit(Buffer.from(pieces.join('')));
        expect(result?.every(octet => octet < 128) ?? true).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

function nested(depth: number): string {
  let body = lines('', 'ä and some plain words');
  for (let i = 1; i <= depth; i++) {
    body = lines(
      `Content-Type: multipart/mixed; boundary=level${i}x`,
      '',
      `--level${i}x`,
      `${body}--level${i}x--`,
    );
  }
  return body;
}

function manyParts(count: number): string {
  const part = '--b\r\n\r\nä and some plain words\r\n';
  return `Content-Type: multipart/mixed; boundary=b\r\n\r\n${part.repeat(count)}--b--\r\n`;
}
