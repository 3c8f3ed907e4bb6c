import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatQuantity, parseQuantity } from './units.ts';

describe('parseQuantity', () => {
  it.each([
    ['500', 500],
    ['500 ms', 500],
    ['90 s', 90_000],
    ['10min', 600_000],
    [' 72 h ', 259_200_000],
    ['14 D', 1_209_600_000],
  ])('parses the time %j', (text, ms) => {
    expect(parseQuantity(text, 'duration')).toBe(ms);
  });

  it.each([
    ['4096', 4096],
    ['64 MiB', 67_108_864],
    ['1GiB', 1_073_741_824],
  ])('parses the size %j', (text, size) => {
    expect(parseQuantity(text, 'bytes')).toBe(size);
  });

  it.each(['', 'h', '1.5 h', '-1 s', '1 fortnight', '1 constructor', '999999999999999 TiB', '1 MB'])(
    'returns undefined for %j',
    text => {
      expect(parseQuantity(text, 'duration')).toBeUndefined();
      expect(parseQuantity(text, 'bytes')).toBeUndefined();
    },
  );

  it('parses the output of formatQuantity', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 45 }),
        fc.constantFrom('duration', 'bytes'),
        (amount, unit) => {
          expect(parseQuantity(formatQuantity(amount, unit).replace(' bytes', ' b'), unit)).toBe(amount);
        },
      ),
    );
  });
});
