import { expect, test } from 'vitest';
import { summarise } from './tally.ts';

const good = { passed: 3, failed: 0, skipped: 0, skips: [] };
const bad = { passed: 1, failed: 2, skipped: 0, skips: [] };
const partial = { passed: 4, failed: 0, skipped: 2, skips: ['a real Postfix: apt-get install postfix'] };

test('the last line counts all steps', () => {
  expect(summarise([good, good], true)).toEqual({ lines: ['6 passed, 0 failed'], exitCode: 0 });
});

test('one failure fails the whole', () => {
  expect(summarise([good, bad], true)).toEqual({ lines: ['4 passed, 2 failed'], exitCode: 1 });
});

test('what was skipped is said, and does not fail', () => {
  expect(summarise([good, partial], true)).toEqual({
    lines: ['skipped: a real Postfix: apt-get install postfix', '7 passed, 0 failed, 2 skipped'],
    exitCode: 0,
  });
});

test('where nothing may be skipped, a skip fails', () => {
  const { lines, exitCode } = summarise([good, partial], false);
  expect(lines).toContain('In CI nothing may be skipped: these 2 count as failed.');
  expect(lines.at(-1)).toBe('7 passed, 2 failed');
  expect(exitCode).toBe(1);
});
