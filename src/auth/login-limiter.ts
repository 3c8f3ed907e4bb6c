import ipaddr from 'ipaddr.js';
import { AppError } from '../core/errors.ts';
import { type Backoff, subjectOfAddress, subjectOfKey } from './backoff.ts';

/** Slows down clients that send wrong credentials: keys, passwords or tokens. */
export interface LoginLimiter {
  /** Throws `rate_limited` while a client must wait. Call it before a password is checked: passwords can be guessed. */
  assertAllowed(clientAddress: string): void;
  /** Counts a wrong credential for its client, and for the key id in it. Throws `rate_limited` if the client must wait. */
  recordFailure(clientAddress: string, keyId?: number): void;
}

export interface LoginLimiterContext {
  readonly backoff: Backoff;
  /** Loopback clients never wait: set in development mode. */
  readonly exemptsLoopback: boolean;
  /** Epoch ms. */
  readonly now: () => number;
}

export function createLoginLimiter({ backoff, exemptsLoopback, now }: LoginLimiterContext): LoginLimiter {
  const isExempt = (address: string) => exemptsLoopback && isLoopback(address);
  return {
    assertAllowed(clientAddress) {
      if (isExempt(clientAddress)) return;
      throwIfBlocked(backoff.waitMs([subjectOfAddress(clientAddress)], now()));
    },
    recordFailure(clientAddress, keyId) {
      if (isExempt(clientAddress)) return;
      const keySubjects = keyId === undefined ? [] : [subjectOfKey(keyId)];
      const subjects = [subjectOfAddress(clientAddress), ...keySubjects];
      throwIfBlocked(backoff.waitMs(subjects, now()) || backoff.recordFailure(subjects, now()));
    },
  };
}

function throwIfBlocked(waitMs: number): void {
  if (waitMs === 0) return;
  throw new AppError('rate_limited', 'Too many wrong credentials. Wait before you try again.', {
    retryAfterSeconds: Math.ceil(waitMs / 1000),
  });
}

function isLoopback(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback';
}
