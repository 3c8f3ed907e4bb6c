import { describe, expect, test } from 'vitest';
import { AppError } from '../core/errors.ts';
import { createBackoff } from './backoff.ts';
import { createAttempts } from './failed-logins.ts';

function isRefused(action: () => void): boolean {
  try {
    action();
    return false;
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).code).toBe('rate_limited');
    expect((error as AppError).details.retryAfterSeconds).toBeGreaterThan(0);
    return true;
  }
}

describe('wrong passwords and tokens', () => {
  const clock = { now: 1_000_000 };
  const start = (sparesLoopback: boolean) =>
    createAttempts({ backoff: createBackoff(), sparesLoopback, now: () => clock.now });

  test('cost nothing for a while, then their client must wait, and others need not', () => {
    const attempts = start(false);
    const wrong = Array.from({ length: 51 }, () => isRefused(() => attempts.noteWrong('192.0.2.1')));
    expect(wrong).toEqual([...Array<boolean>(50).fill(false), true]);
    expect(isRefused(() => attempts.assertFree('192.0.2.1'))).toBe(true);
    expect(isRefused(() => attempts.assertFree('192.0.2.2'))).toBe(false);
    clock.now += 2_000;
    expect(isRefused(() => attempts.assertFree('192.0.2.1'))).toBe(false);
  });

  test('never make loopback wait in development mode', () => {
    const attempts = start(true);
    const wrong = Array.from({ length: 200 }, () => isRefused(() => attempts.noteWrong('::1')));
    expect(wrong).not.toContain(true);
    expect(isRefused(() => attempts.assertFree('127.0.0.1'))).toBe(false);
  });
});
