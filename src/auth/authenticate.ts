import type { Principal } from '../core/account.ts';
import { idOfKeyText } from './key-text.ts';
import type { Keyring, PresentedKey } from './keyring.ts';
import type { LoginLimiter } from './login-limiter.ts';

export interface AuthenticatorContext {
  readonly keyring: Pick<Keyring, 'authenticate'>;
  /** One limiter for all APIs and logins: a client that guesses at one of them must wait at all of them. */
  readonly loginLimiter: Pick<LoginLimiter, 'recordFailure'>;
}

/**
 * Returns the principal of a key; undefined if the key is wrong. After too many wrong keys from one address or with one
 * key id it throws `rate_limited`. A valid key always passes: 160 random bits cannot be guessed, and a client with a
 * revoked key must not block others behind the same address. The key of a disabled account throws `account_inactive`.
 */
export type Authenticate = (presented: PresentedKey, clientAddress: string) => Promise<Principal | undefined>;

export function createAuthenticate({ keyring, loginLimiter }: AuthenticatorContext): Authenticate {
  return async (presented, clientAddress) => {
    const principal = await keyring.authenticate(presented);
    if (principal === undefined) loginLimiter.recordFailure(clientAddress, idOfKeyText(presented.key));
    return principal;
  };
}
