import type { Principal } from '../core/account.ts';
import { type AttemptsContext, createAttempts } from './attempts.ts';
import { idOfKeyText } from './key-text.ts';
import type { Keyring, Presented } from './keys.ts';

/** With the backoff that all ways in share, so that whoever guesses at one has to wait at all of them. */
export interface AuthenticatorContext extends AttemptsContext {
  readonly keyring: Pick<Keyring, 'authenticate'>;
}

/**
 * Whose a presented key is; undefined when nobody's. After too many wrong ones from its address, or under its id, it
 * throws `rate_limited` instead. A good key always passes: 160 random bits cannot be guessed, and one client with a
 * revoked key must not shut out the others behind the same address. That of a disabled account throws `account_inactive`.
 */
export type Authenticate = (presented: Presented, clientAddress: string) => Promise<Principal | undefined>;

export function createAuthenticate({ keyring, ...context }: AuthenticatorContext): Authenticate {
  const attempts = createAttempts(context);
  return async (presented, clientAddress) => {
    const principal = await keyring.authenticate(presented);
    if (principal === undefined) attempts.noteWrong(clientAddress, idOfKeyText(presented.key));
    return principal;
  };
}
