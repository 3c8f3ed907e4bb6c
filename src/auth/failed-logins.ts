import ipaddr from 'ipaddr.js';
import { AppError } from '../core/errors.ts';
import { type Backoff, subjectOfAddress, subjectOfKey } from './backoff.ts';

/** Keeps count of wrong credentials of every kind: keys, passwords and tokens. */
export interface Attempts {
  /** Throws `rate_limited` while a client must wait: asked before a password is looked at, which might be guessed. */
  assertFree(clientAddress: string): void;
  /** Notes a wrong one, also under the id of the key that it says it is; throws `rate_limited` when its client must wait. */
  noteWrong(clientAddress: string, keyId?: number): void;
}

export interface AttemptsContext {
  readonly backoff: Backoff;
  /** Development mode: loopback is never told to wait. */
  readonly sparesLoopback: boolean;
  /** Epoch ms. */
  readonly now: () => number;
}

export function createAttempts({ backoff, sparesLoopback, now }: AttemptsContext): Attempts {
  const isSpared = (address: string) => sparesLoopback && isLoopback(address);
  return {
    assertFree(clientAddress) {
      if (isSpared(clientAddress)) return;
      refuseFor(backoff.waitMs([subjectOfAddress(clientAddress)], now()));
    },
    noteWrong(clientAddress, keyId) {
      if (isSpared(clientAddress)) return;
      const ofKey = keyId === undefined ? [] : [subjectOfKey(keyId)];
      const subjects = [subjectOfAddress(clientAddress), ...ofKey];
      refuseFor(backoff.waitMs(subjects, now()) || backoff.failed(subjects, now()));
    },
  };
}

function refuseFor(waitMs: number): void {
  if (waitMs === 0) return;
  throw new AppError('rate_limited', 'Too many wrong credentials: wait before the next one.', {
    retryAfterSeconds: Math.ceil(waitMs / 1000),
  });
}

function isLoopback(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback';
}
