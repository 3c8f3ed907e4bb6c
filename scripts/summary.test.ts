import { expect, test } from 'vitest';
import { summarise } from './summary.ts';

const good = { passed: 3, failed: 0, skipped: 0, skips: [] };
const bad = { passed: 1, failed: 2, skipped: 0, skips: [] };
const partial = { passed: 4, failed: 0, skipped: 2, skips: ['a real Postfix: apt-get install postfix'] };

test('the last line has the counts of all steps', () => {
  expect(summarise([good, good], true)).toEqual({ lines: ['6 passed, 0 failed'], exitCode: 0 });
});

test('one failed test fails the run', () => {
  expect(summarise([good, bad], true)).toEqual({ lines: ['4 passed, 2 failed'], exitCode: 1 });
});

test('skipped tests are listed and do not fail the run', () => {
  expect(summarise([good, partial], true)).toEqual({
    lines: ['skipped: a real Postfix: apt-get install postfix', '7 passed, 0 failed, 2 skipped'],
    exitCode: 0,
  });
});

test('a skipped test fails the run if skips are not permitted', () => {
  const { lines, exitCode } = summarise([good, partial], false);
  expect(lines).toContain('CI requires all tests: the 2 skipped ones count as failed.');
  expect(lines.at(-1)).toBe('7 passed, 2 failed');
  expect(exitCode).toBe(1);
});
