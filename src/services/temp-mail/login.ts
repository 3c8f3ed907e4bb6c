import type { LoginLimiter } from '../../auth/login-limiter.ts';
import type { Passwords } from '../../auth/passwords.ts';
import { parseAddress } from '../../core/address.ts';
import type { MailAddress } from '../../core/temp-mail.ts';
import { TempMailError } from '../../core/temp-mail-refusal.ts';
import type { LogIn, SmtpSender } from '../../operations/smtp-sender.ts';
import type { Addresses } from '../../store/addresses.ts';
import type { Tokens } from './address-tokens.ts';
import type { TempMailHandlers } from './handlers.ts';

export interface LoginContext {
  readonly addresses: Pick<Addresses, 'find'>;
  readonly tokens: Tokens;
  readonly passwords: Passwords;
  readonly addressPasswords: boolean;
  readonly loginLimiter: LoginLimiter;
  readonly senderFor: (address: MailAddress) => SmtpSender;
}

/** Logins of addresses: by HTTP to get a JWT, by SMTP to send. */
export function createLogins(context: LoginContext): {
  readonly http: TempMailHandlers['tempMailLogIn'];
  readonly smtp: LogIn;
} {
  const { tokens, addressPasswords, loginLimiter, senderFor } = context;

  function countFailure(clientAddress: string, refusal: 'login' | 'address-not-found'): TempMailError {
    loginLimiter.recordFailure(clientAddress);
    return new TempMailError(refusal);
  }

  return {
    async http(client, { address, password }) {
      if (!addressPasswords) throw new TempMailError('login-disabled');
      if (address === '' || password === '') throw new TempMailError('login-fields');
      loginLimiter.assertAllowed(client.address);
      const found = await find(context, address);
      if (found === undefined) throw countFailure(client.address, 'address-not-found');
      if (!(await matchesPassword(context, found, password))) throw countFailure(client.address, 'login');
      return { jwt: await tokens.sign(found), address: found };
    },
    async smtp({ user, password }, clientAddress) {
      const byToken = await addressOfToken(tokens, password);
      if (byToken !== undefined) return senderFor(byToken);
      loginLimiter.assertAllowed(clientAddress);
      const found = addressPasswords ? await find(context, user) : undefined;
      if (found !== undefined && (await matchesPassword(context, found, password))) return senderFor(found);
      loginLimiter.recordFailure(clientAddress);
      return undefined;
    },
  };
}

async function find({ addresses }: LoginContext, address: string): Promise<MailAddress | undefined> {
  const parsed = parseAddress(address);
  return parsed.ok ? addresses.find(parsed.value) : undefined;
}

async function matchesPassword(
  { passwords }: LoginContext,
  { passwordHash }: MailAddress,
  password: string,
): Promise<boolean> {
  return passwordHash !== null && (await passwords.matches(password, passwordHash));
}

/** SMTP has one reply for all invalid JWTs, also for one without an address. */
async function addressOfToken(tokens: Tokens, token: string): Promise<MailAddress | undefined> {
  try {
    return await tokens.addressOf(token);
  } catch (error) {
    if (error instanceof TempMailError) return undefined;
    throw error;
  }
}
