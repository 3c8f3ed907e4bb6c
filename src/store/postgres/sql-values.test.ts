import fc from 'fast-check';
import pg from 'pg';
import { expect, test } from 'vitest';
import { arrayLiteral, valuesList } from './sql-values.ts';

/** The OID of text[]; pg has names for single types only. */
const TEXT_ARRAY: number = 1009;
const parseTexts: (text: string) => (string | null)[] = pg.types.getTypeParser(TEXT_ARRAY);
const texts = fc.array(fc.option(fc.string({ unit: 'binary' })), { minLength: 1 });

test('an array literal is read as what it was made of', () => {
  fc.assert(
    fc.property(texts, items => {
      expect(parseTexts(arrayLiteral(items))).toEqual(items);
    }),
  );
});

test('an array in an array is the text of its literal', () => {
  fc.assert(
    fc.property(texts, items => {
      const [inner] = parseTexts(arrayLiteral([items]));
      expect(parseTexts(inner ?? '')).toEqual(items);
    }),
  );
});

test('numbers and truth values need no quotes', () => {
  expect(arrayLiteral([1, 2n ** 60n, null, true, undefined])).toBe('{1,1152921504606846976,NULL,true,NULL}');
});

test('a list has a parameter for each column, and one for all Buffers of one', () => {
  const types = ['bigint', 'bytea', 'text[]'];
  const rows = ['a', 'bc'].map((text, i) => [i, Buffer.from(text), [`word${i}`]]);
  expect(valuesList(types, rows, 4)).toEqual({
    text:
      'select c0, substring($8::bytea from from1 for length1), c2::text[] from ' +
      'unnest($5::bigint[], $6::integer[], $7::integer[], $9::text[]) as v (c0, from1, length1, c2)',
    values: ['{0,1}', '{1,2}', '{1,2}', Buffer.from('abc'), '{"{\\"word0\\"}","{\\"word1\\"}"}'],
  });
});
