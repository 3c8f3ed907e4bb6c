import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeWords } from './decode-words.ts';

describe('decodeWords', () => {
  test.each([
    ['=?iso-8859-1?Q?Keld_J=F8rn?=', 'Keld Jørn'],
    ['=?ISO-8859-1?q?a?= =?ISO-8859-1?q?b?=', 'ab'],
    ['=?ISO-8859-1?Q?a?= b', 'a b'],
    ['a =?utf-8?q?b?= c', 'a b c'],
    ['=?utf-8?q?=C3?= =?utf-8?q?=A9?=', 'é'],
    ['=?utf-8?q?a?= =?iso-8859-15?q?=A4?=', 'a€'],
    ['=?utf-8*en?Q?hello?=', 'hello'],
    ['=?shift_jis?B?ir+Omg==?=', '漢字'],
    ['=?x-nobody-knows?Q?abc?=', '=?x-nobody-knows?Q?abc?='],
    ['=?utf-8?X?abc?=', '=?utf-8?X?abc?='],
    ['=?utf-8?Q?unfinished', '=?utf-8?Q?unfinished'],
    ['plain text = ? =', 'plain text = ? ='],
    ['', ''],
  ])('decodes %j to %j', (value, text) => {
    expect(decodeWords(value)).toBe(text);
  });

  test('throws no exception', () => {
    const pieces = fc.constantFrom(
      '=?',
      '?=',
      '?',
      'utf-8',
      'gbk',
      'q',
      'B',
      '=C3',
      '==',
      ' ',
      '\t',
      'a',
      '漢',
      '*',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), parts => {
        expect(typeof decodeWords(parts.join(''))).toBe('string');
      }),
      { numRuns: 500 },
    );
  });

  test('takes linear time', () => {
    const value = '=?utf-8?q?a?= '.repeat(50_000);
    expect(decodeWords(value)).toBe(`${'a'.repeat(50_000)} `);
  });
});
