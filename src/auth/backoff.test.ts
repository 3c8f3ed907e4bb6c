import { describe, expect, it } from 'vitest';
import { createBackoff, subjectOfAddress, subjectOfKey } from './backoff.ts';

const A = subjectOfAddress('192.0.2.1');
const B = subjectOfAddress('192.0.2.2');

function fail(
  backoff: ReturnType<typeof createBackoff>,
  times: number,
  subject: string,
  now: number,
): number[] {
  return Array.from({ length: times }, () => backoff.failed([subject], now));
}

describe('the backoff', () => {
  it('lets fifty failures a minute pass, then makes waits that double', () => {
    const backoff = createBackoff();
    expect(fail(backoff, 50, A, 0).every(wait => wait === 0)).toBe(true);
    expect(backoff.waitMs([A], 0)).toBe(0);
    expect(fail(backoff, 4, A, 1000)).toEqual([1000, 2000, 4000, 8000]);
    expect(backoff.waitMs([A], 5000)).toBe(4000);
    expect(backoff.waitMs([A], 9000)).toBe(0);
  });

  it('never makes anybody wait longer than a minute', () => {
    const backoff = createBackoff();
    expect(Math.max(...fail(backoff, 2000, A, 0))).toBe(60_000);
  });

  it('starts anew in the next minute when the limit was not reached', () => {
    const backoff = createBackoff();
    fail(backoff, 50, A, 0);
    expect(fail(backoff, 50, A, 60_000).every(wait => wait === 0)).toBe(true);
  });

  it('forgives only after a quiet minute behind the last wait', () => {
    const backoff = createBackoff();
    fail(backoff, 51, A, 0);
    expect(backoff.failed([A], 60_999)).toBe(2000);
    expect(backoff.failed([A], 62_999 + 60_000)).toBe(0);
  });

  it('makes no other subject wait', () => {
    const backoff = createBackoff();
    fail(backoff, 60, A, 0);
    expect(backoff.waitMs([B], 0)).toBe(0);
    expect(backoff.waitMs([B, A], 0)).toBeGreaterThan(0);
  });

  it('remembers a bounded number of subjects, those that failed last', () => {
    const backoff = createBackoff({ maxSubjects: 2, freeFailures: 0 });
    for (const id of [1, 2, 3]) backoff.failed([subjectOfKey(id)], 0);
    expect([1, 2, 3].map(id => backoff.waitMs([subjectOfKey(id)], 0))).toEqual([0, 1000, 1000]);
  });
});

describe('subjectOfAddress', () => {
  it('takes an IPv4 address in all its forms for one, and an IPv6 host for its /64', () => {
    expect(subjectOfAddress('::ffff:192.0.2.1')).toBe(A);
    expect(subjectOfAddress('2001:db8:1:2::1')).toBe(subjectOfAddress('2001:db8:1:2:ffff::9'));
    expect(subjectOfAddress('2001:db8:1:2::1')).not.toBe(subjectOfAddress('2001:db8:1:3::1'));
    expect(subjectOfAddress('')).toBe('address ');
  });
});
