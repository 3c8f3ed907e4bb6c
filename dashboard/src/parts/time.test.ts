import { expect, test } from 'vitest';
import { duration } from './time.tsx';

test.each([
  [0, '0 ms'],
  [849.6, '850 ms'],
  [1_000, '1.0 s'],
  [12_400, '12 s'],
  [60_000, '1 min'],
  [3_599_000, '59 min'],
  [3_600_000, '1 h'],
  [11_100_000, '3 h 5 min'],
  [172_800_000, '2 days'],
])('%i ms is %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});
