import { expect, test } from 'vitest';
import { mailDate } from './date.ts';

test('a time is written as in RFC 5322, in UTC', () => {
  expect(mailDate(Date.UTC(2026, 10, 1, 2, 9, 5, 999))).toBe('Sun, 01 Nov 2026 02:09:05 +0000');
});

test('an invalid time is refused', () => {
  expect(() => mailDate(Number.NaN)).toThrow('Invalid time');
});
