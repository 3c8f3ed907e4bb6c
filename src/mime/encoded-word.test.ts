import fc from 'fast-check';
import { decodeWords as decodeWithPostalMime } from 'postal-mime';
import { describe, expect, test } from 'vitest';
import { decodeWords } from './decode-words.ts';
import { putEncodedWords } from './encoded-word.ts';
import { beginField, createHeaderWriter, endLine } from './header-writer.ts';
import { createOutput } from './output.ts';

/** Any UTF-16 except CR, LF and NUL, with many difficult characters. */
const anyText = fc
  .array(
    fc.oneof(
      fc.integer({ min: 1, max: 0xffff }).map(code => String.fromCharCode(code)),
      fc.constantFrom(' ', '=', '?', '_', '=?', '?=', '"', 'é', '漢', '😀', '\t', 'e\u0301'),
    ),
    { maxLength: 200 },
  )
  .map(pieces => pieces.join('').replace(/[\r\n]/g, ' '));

function encode(text: string, name = 'Subject'): string {
  const header = createHeaderWriter(createOutput(16));
  beginField(header, name);
  putEncodedWords(header, text);
  endLine(header);
  return header.out.bytes.toString('latin1', 0, header.out.length);
}

function wordsOf(field: string): string[] {
  return field
    .slice(field.indexOf(':') + 1)
    .trim()
    .split('\r\n ');
}

describe('putEncodedWords', () => {
  test.each([
    ['Jürgen', '=?utf-8?Q?J=C3=BCrgen?='],
    ['漢字', '=?utf-8?B?5ryi5a2X?='],
    ['one two_three?', '=?utf-8?Q?one_two=5Fthree=3F?='],
    ['\ud800', '=?utf-8?B?77+9?='],
  ])('writes %j as %s', (text, word) => {
    expect(encode(text)).toBe(`Subject: ${word}\r\n`);
  });

  test('writes words that our decoder and postal-mime decode to the same text', () => {
    fc.assert(
      fc.property(anyText, text => {
        const value = wordsOf(encode(text)).join(' ');
        expect(decodeWords(value)).toBe(text.toWellFormed());
        expect(decodeWithPostalMime(value)).toBe(text.toWellFormed());
      }),
    );
  });

  test('writes words of at most 75 characters on lines of at most 76', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 80 }), (text, nameLength) => {
        const field = encode(text, 'N'.repeat(nameLength));
        for (const line of field.split('\r\n').slice(1)) expect(line.length).toBeLessThanOrEqual(76);
        for (const word of text === '' ? [] : wordsOf(field)) {
          expect(word.length).toBeLessThanOrEqual(75);
          expect(word).toMatch(/^=\?utf-8\?(Q\?[^ ?]+|B\?[A-Za-z0-9+/]+={0,2})\?=$/);
        }
      }),
    );
  });

  test('does not split a character: each word can be decoded alone', () => {
    fc.assert(
      fc.property(
        anyText.filter(text => text !== ''),
        text => {
          const pieces = wordsOf(encode(text)).map(word => decodeWords(word));
          expect(pieces.join('')).toBe(text.toWellFormed());
        },
      ),
    );
  });

  test.each(['a\rb', 'ä\n', '\u0000'])('refuses %j, which a decoder would restore', text => {
    expect(() => encode(text)).toThrow('Control character');
  });
});
