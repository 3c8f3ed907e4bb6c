import ipaddr from 'ipaddr.js';
import type { Principal } from '../core/account.ts';
import { AppError } from '../core/errors.ts';
import { type Backoff, subjectOfAddress, subjectOfKey } from './backoff.ts';
import { idOfKeyText } from './key-text.ts';
import type { Keyring, Presented } from './keys.ts';

export interface AuthenticatorContext {
  readonly keyring: Keyring;
  readonly backoff: Backoff;
  /** Development mode: loopback is never told to wait. */
  readonly sparesLoopback: boolean;
  /** Epoch ms. */
  readonly now: () => number;
}

/**
 * Whose a presented key is; undefined when nobody's. After too many wrong ones from its address, or under its id, it
 * throws `rate_limited` instead. A good key always passes: 160 random bits cannot be guessed, and one client with a
 * revoked key must not shut out the others behind the same address.
 */
export type Authenticate = (presented: Presented, clientAddress: string) => Promise<Principal | undefined>;

export function createAuthenticate(context: AuthenticatorContext): Authenticate {
  const { keyring, backoff, sparesLoopback, now } = context;
  return async (presented, clientAddress) => {
    const principal = await keyring.authenticate(presented);
    if (principal !== undefined || (sparesLoopback && isLoopback(clientAddress))) return principal;
    const id = idOfKeyText(presented.key);
    const subjects = [subjectOfAddress(clientAddress), ...(id === undefined ? [] : [subjectOfKey(id)])];
    const waitMs = backoff.waitMs(subjects, now()) || backoff.failed(subjects, now());
    if (waitMs === 0) return undefined;
    throw new AppError('rate_limited', 'Too many wrong keys: wait before the next one.', {
      retryAfterSeconds: Math.ceil(waitMs / 1000),
    });
  };
}

function isLoopback(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback';
}
