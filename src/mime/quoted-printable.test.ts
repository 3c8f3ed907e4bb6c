import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createOutput } from './output.ts';
import { putQuotedPrintable } from './quoted-printable.ts';

function encode(text: string | Buffer, anyLineEnd = true): string {
  const out = createOutput(1);
  const octets = Buffer.from(text);
  const isDone = putQuotedPrintable(out, octets, octets.length, {
    anyLineEnd,
    limit: Number.POSITIVE_INFINITY,
  });
  expect(isDone).toBe(true);
  return out.bytes.toString('latin1', 0, out.length);
}

/** Decodes by RFC 2045 6.7: blanks at the end of a line do not belong to it. */
function decode(encoded: string): Buffer {
  const text = encoded
    .replace(/[ \t]+(?=\r\n|$)/g, '')
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(text, 'latin1');
}

const anyOctets = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc
        .constantFrom(' ', '\t', '\r\n', '\n', '\r', '.', 'From ', '=', 'ä', 'x'.repeat(75))
        .map(piece => Buffer.from(piece)),
    ),
    { maxLength: 30 },
  )
  .map(pieces => Buffer.concat(pieces));

describe('quoted-printable', () => {
  test.each([
    ['Grüße = greetings', 'Gr=C3=BC=C3=9Fe =3D greetings'],
    ['trailing \nblanks\t\n ', 'trailing=20\r\nblanks=09\r\n=20'],
    ['.\n..\n.x\ny.', '=2E\r\n=2E.\r\n=2Ex\r\ny.'],
    ['From me\nFromage\n From', '=46rom me\r\nFromage\r\n From'],
    ['a\rb\nc\r\nd', 'a\r\nb\r\nc\r\nd'],
    ['x'.repeat(76), `${'x'.repeat(75)}=\r\nx`],
    [`${'x'.repeat(73)}ä`, `${'x'.repeat(73)}=\r\n=C3=A4`],
    [`${'x'.repeat(74)} \ny`, `${'x'.repeat(74)}=\r\n=20\r\ny`],
    ['', ''],
  ])('writes %j as %j', (text, encoded) => {
    expect(encode(text)).toBe(encoded);
  });

  test('restores the same octets', () => {
    fc.assert(
      fc.property(anyOctets, octets => {
        expect(decode(encode(octets, false))).toEqual(octets);
      }),
    );
  });

  test('restores any text with CRLF line ends', () => {
    fc.assert(
      fc.property(anyOctets, octets => {
        const normal = octets.toString('latin1').replace(/\r\n|\r|\n/g, '\r\n');
        expect(decode(encode(octets)).toString('latin1')).toBe(normal);
      }),
    );
  });

  test('has lines of at most 76 printable characters that are safe in transport', () => {
    fc.assert(
      fc.property(anyOctets, fc.boolean(), (octets, anyLineEnd) => {
        for (const line of encode(octets, anyLineEnd).split('\r\n')) {
          expect(line).toMatch(/^(?!\.|From )[\t -~]{0,76}$/);
          expect(line).not.toMatch(/[ \t]$/);
          expect(line.replace(/=[0-9A-F]{2}/g, '')).toMatch(/^[^=]*=?$/);
        }
      }),
    );
  });

  test('stops over its limit and leaves no output', () => {
    const out = createOutput(1);
    const octets = Buffer.from('ä'.repeat(100));
    expect(putQuotedPrintable(out, octets, octets.length, { anyLineEnd: true, limit: 300 })).toBe(false);
    expect(out.length).toBe(0);
  });
});
