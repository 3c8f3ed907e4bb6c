import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findPlaces, findStamp, MARKER, PLACEHOLDER, stamp } from './stamp.ts';

const template = `subject ${PLACEHOLDER}, text ${MARKER}${PLACEHOLDER}, end`;

test('a stamped number is found in any surrounding text', () => {
  const text = fc.string({ unit: 'binary', maxLength: 40 });
  fc.assert(
    fc.property(text, text, fc.nat(99_999_999), (before, after, id) => {
      fc.pre(!`${before}${after}`.includes(PLACEHOLDER) && !before.includes(MARKER));
      const bytes = Buffer.from(`${before}${MARKER}${PLACEHOLDER}${after}`);
      stamp(bytes, findPlaces(bytes), id);
      expect(findStamp(bytes, 0, bytes.length)).toBe(id);
    }),
  );
});

test('every placeholder gets the number with leading zeros, and other bytes stay the same', () => {
  const bytes = Buffer.from(template);
  const places = findPlaces(bytes);
  stamp(bytes, places, 99_999_999);
  stamp(bytes, places, 1_203);
  expect(bytes.toString()).toBe(template.replaceAll(PLACEHOLDER, '00001203'));
});

test.each([
  ['without a marker', 'nothing here'],
  ['that is cut off', `${MARKER}0000000`],
  ['with other characters than digits', `${MARKER}0000000x`],
])('a number %s is not found', (_, text) => {
  const bytes = Buffer.from(text);
  expect(findStamp(bytes, 0, bytes.length)).toBeUndefined();
});

test('a number outside the range is not found', () => {
  const bytes = Buffer.from(`${MARKER}00000001 ${MARKER}00000002`);
  const half = MARKER.length + PLACEHOLDER.length;
  expect(findStamp(bytes, 0, half - 1)).toBeUndefined();
  expect(findStamp(bytes, 1, bytes.length)).toBe(2);
});
