import { describe, expect, it } from 'vitest';
import { createBackoff, subjectOfAddress, subjectOfKey } from './backoff.ts';

const A = subjectOfAddress('192.0.2.1');
const B = subjectOfAddress('192.0.2.2');

function failRepeatedly(
  backoff: ReturnType<typeof createBackoff>,
  times: number,
  subject: string,
  now: number,
): number[] {
  return Array.from({ length: times }, () => backoff.recordFailure([subject], now));
}

describe('createBackoff', () => {
  it('allows fifty failures a minute, then doubles the wait with each failure', () => {
    const backoff = createBackoff();
    expect(failRepeatedly(backoff, 50, A, 0).every(wait => wait === 0)).toBe(true);
    expect(backoff.waitMs([A], 0)).toBe(0);
    expect(failRepeatedly(backoff, 4, A, 1000)).toEqual([1000, 2000, 4000, 8000]);
    expect(backoff.waitMs([A], 5000)).toBe(4000);
    expect(backoff.waitMs([A], 9000)).toBe(0);
  });

  it('limits the wait to one minute', () => {
    const backoff = createBackoff();
    expect(Math.max(...failRepeatedly(backoff, 2000, A, 0))).toBe(60_000);
  });

  it('resets the count after a minute below the limit', () => {
    const backoff = createBackoff();
    failRepeatedly(backoff, 50, A, 0);
    expect(failRepeatedly(backoff, 50, A, 60_000).every(wait => wait === 0)).toBe(true);
  });

  it('resets the count one minute after the last wait ended', () => {
    const backoff = createBackoff();
    failRepeatedly(backoff, 51, A, 0);
    expect(backoff.recordFailure([A], 60_999)).toBe(2000);
    expect(backoff.recordFailure([A], 62_999 + 60_000)).toBe(0);
  });

  it('blocks only the subject that failed', () => {
    const backoff = createBackoff();
    failRepeatedly(backoff, 60, A, 0);
    expect(backoff.waitMs([B], 0)).toBe(0);
    expect(backoff.waitMs([B, A], 0)).toBeGreaterThan(0);
  });

  it('keeps only the subjects that failed most recently', () => {
    const backoff = createBackoff({ maxSubjects: 2, freeFailures: 0 });
    for (const id of [1, 2, 3]) backoff.recordFailure([subjectOfKey(id)], 0);
    expect([1, 2, 3].map(id => backoff.waitMs([subjectOfKey(id)], 0))).toEqual([0, 1000, 1000]);
  });
});

describe('subjectOfAddress', () => {
  it('maps the forms of an IPv4 address to one subject, and an IPv6 address to its /64', () => {
    expect(subjectOfAddress('::ffff:192.0.2.1')).toBe(A);
    expect(subjectOfAddress('2001:db8:1:2::1')).toBe(subjectOfAddress('2001:db8:1:2:ffff::9'));
    expect(subjectOfAddress('2001:db8:1:2::1')).not.toBe(subjectOfAddress('2001:db8:1:3::1'));
    expect(subjectOfAddress('')).toBe('address ');
  });
});
