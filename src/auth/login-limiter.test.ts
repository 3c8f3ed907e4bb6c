import { describe, expect, test } from 'vitest';
import { AppError } from '../core/errors.ts';
import { createBackoff } from './backoff.ts';
import { createLoginLimiter } from './login-limiter.ts';

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

describe('createLoginLimiter', () => {
  const clock = { now: 1_000_000 };
  const start = (exemptsLoopback: boolean) =>
    createLoginLimiter({ backoff: createBackoff(), exemptsLoopback, now: () => clock.now });

  test('blocks a client after 51 failures, and no other client', () => {
    const loginLimiter = start(false);
    const wrong = Array.from({ length: 51 }, () => isRefused(() => loginLimiter.recordFailure('192.0.2.1')));
    expect(wrong).toEqual([...Array<boolean>(50).fill(false), true]);
    expect(isRefused(() => loginLimiter.assertAllowed('192.0.2.1'))).toBe(true);
    expect(isRefused(() => loginLimiter.assertAllowed('192.0.2.2'))).toBe(false);
    clock.now += 2_000;
    expect(isRefused(() => loginLimiter.assertAllowed('192.0.2.1'))).toBe(false);
  });

  test('never blocks loopback if loopback is exempt', () => {
    const loginLimiter = start(true);
    const wrong = Array.from({ length: 200 }, () => isRefused(() => loginLimiter.recordFailure('::1')));
    expect(wrong).not.toContain(true);
    expect(isRefused(() => loginLimiter.assertAllowed('127.0.0.1'))).toBe(false);
  });
});
