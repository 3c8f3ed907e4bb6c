import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { trimBlanks } from '../core/blanks.ts';
import { decodeWords } from './decode-words.ts';
import { putTextField } from './header-text.ts';
import { createHeaderWriter } from './header-writer.ts';
import { createOutput } from './output.ts';

function field(value: string, name = 'Subject'): string {
  const header = createHeaderWriter(createOutput(16));
  putTextField(header, name, value);
  expect(header.hasUtf8).toBe(false);
  return header.out.bytes.toString('latin1', 0, header.out.length);
}

describe('a text field', () => {
  test.each([
    ['Hello', 'Subject: Hello\r\n'],
    ['', 'Subject:\r\n'],
    [' \t blanks at the ends \t', 'Subject: blanks at the ends\r\n'],
    ['two  blanks and\ta tab', 'Subject: two  blanks and\ta tab\r\n'],
    ['Your order – thank you', 'Subject: Your order =?utf-8?B?4oCT?= thank you\r\n'],
    ['ä and ö', 'Subject: =?utf-8?B?w6QgYW5kIMO2?=\r\n'],
    [
      'ä, and after many plain words ö',
      'Subject: =?utf-8?B?w6Qs?= and after many plain words =?utf-8?B?w7Y=?=\r\n',
    ],
    ['=?utf-8?Q?no?=', 'Subject: =?utf-8?B?PT91dGYtOD9RP25vPz0=?=\r\n'],
    ['=? is not a word', 'Subject: =? is not a word\r\n'],
    ['bell \u0007', 'Subject: bell =?utf-8?Q?=07?=\r\n'],
  ])('of %j is %j', (value, written) => {
    expect(field(value)).toBe(written);
  });

  test('is folded between words', () => {
    const line = 'word '.repeat(30).trim();
    expect(field(line).split('\r\n').slice(0, -1)).toEqual([
      `Subject: ${'word '.repeat(13).trim()}`,
      ` ${'word '.repeat(15).trim()}`,
      ' word word',
    ]);
  });

  test('keeps a long word, such as a URL, in one piece', () => {
    const url = `<https://example.test/${'x'.repeat(200)}>`;
    expect(field(`${url}, <mailto:a@b.test>`, 'List-Unsubscribe')).toBe(
      `List-Unsubscribe: ${url},\r\n <mailto:a@b.test>\r\n`,
    );
  });

  test('encodes a word that does not fit on a line', () => {
    const word = 'x'.repeat(1500);
    const written = field(word);
    expect(Math.max(...written.split('\r\n').map(line => line.length))).toBeLessThanOrEqual(76);
    expect(decodeWords(unfolded(written))).toBe(word);
  });

  test('keeps any text without line breaks, in printable ASCII on lines of less than 998', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constantFrom(
        ' ',
        '  ',
        '\t',
        '=?',
        '?=',
        '=?utf-8?Q?a?=',
        'é',
        'plain',
        'x'.repeat(80),
        ' '.repeat(70),
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), pieces => {
        const value = pieces.join('').replace(/[\r\n\0]/g, '');
        const written = field(value);
        expect(written).toMatch(/^Subject:[\t -~]*(\r\n [\t -~]*[!-~][\t -~]*)*\r\n$/);
        for (const line of written.split('\r\n')) expect(line.length).toBeLessThan(998);
        expect(decodeWords(unfolded(written))).toBe(trimBlanks(value).toWellFormed());
      }),
      { numRuns: 500 },
    );
  });

  test.each(['a\r\nBcc: b', 'a\nb', 'a\rb', 'ä\u0000'])('refuses %j', value => {
    expect(() => field(value)).toThrow('Control character');
  });

  test.each(['', 'A:B', 'A B', 'A\r\nB', 'Ä', 'X'.repeat(201)])('refuses the name %j', name => {
    expect(() => field('x', name)).toThrow('Invalid header field name');
  });
});

function unfolded(written: string): string {
  return trimBlanks(written.slice('Subject:'.length, -2).replaceAll('\r\n', ''));
}
