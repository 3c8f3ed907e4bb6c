import { expect, test } from 'vitest';
import { describeSlowest } from './slowest-files.ts';

test('the ten slowest files are listed, the slowest first', () => {
  const times = Array.from({ length: 12 }, (_, n) => ({ file: `unit  ${n}.test.ts`, ms: n * 1_000 }));
  const lines = describeSlowest(times);
  expect(lines).toHaveLength(11);
  expect(lines.slice(0, 2)).toEqual(['The 10 slowest of 12 test files:', '   11.0 s  unit  11.test.ts']);
  expect(lines.at(-1)).toBe('    2.0 s  unit  2.test.ts');
});
