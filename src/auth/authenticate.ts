import type { Principal } from '../core/account.ts';
import type { Attempts } from './failed-logins.ts';
import { idOfKeyText } from './key-text.ts';
import type { Keyring, Presented } from './keyring.ts';

export interface AuthenticatorContext {
  readonly keyring: Pick<Keyring, 'authenticate'>;
  /** Those of all ways in, so that whoever guesses at one has to wait at all of them. */
  readonly attempts: Pick<Attempts, 'noteWrong'>;
}

/**
 * Whose a presented key is; undefined when nobody's. After too many wrong ones from its address, or under its id, it
 * throws `rate_limited` instead. A good key always passes: 160 random bits cannot be guessed, and one client with a
 * revoked key must not shut out the others behind the same address. That of a disabled account throws `account_inactive`.
 */
export type Authenticate = (presented: Presented, clientAddress: string) => Promise<Principal | undefined>;

export function createAuthenticate({ keyring, attempts }: AuthenticatorContext): Authenticate {
  return async (presented, clientAddress) => {
    const principal = await keyring.authenticate(presented);
    if (principal === undefined) attempts.noteWrong(clientAddress, idOfKeyText(presented.key));
    return principal;
  };
}
