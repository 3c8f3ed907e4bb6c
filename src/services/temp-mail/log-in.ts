import type { LoginLimiter } from '../../auth/login-limiter.ts';
import type { Passwords } from '../../auth/passwords.ts';
import { parseAddress } from '../../core/address.ts';
import type { MailAddress } from '../../core/temp-mail.ts';
import { TempMailError } from '../../core/temp-mail-refusal.ts';
import type { LogIn, SmtpSender } from '../../operations/smtp-sender.ts';
import type { Addresses } from '../../store/addresses.ts';
import type { Tokens } from './address-tokens.ts';
import type { TempMailHandlers } from './handlers.ts';

export interface LogInContext {
  readonly addresses: Pick<Addresses, 'find'>;
  readonly tokens: Tokens;
  readonly passwords: Passwords;
  readonly addressPasswords: boolean;
  readonly attempts: LoginLimiter;
  readonly senderFor: (address: MailAddress) => SmtpSender;
}

/** How holders of addresses log in: by HTTP for a JWT, by SMTP to send. */
export function createLogIns(context: LogInContext): {
  readonly http: TempMailHandlers['tempMailLogIn'];
  readonly smtp: LogIn;
} {
  const { tokens, addressPasswords, attempts, senderFor } = context;

  function wrong(clientAddress: string, refusal: 'login' | 'address-not-found'): TempMailError {
    attempts.recordFailure(clientAddress);
    return new TempMailError(refusal);
  }

  return {
    async http(client, { address, password }) {
      if (!addressPasswords) throw new TempMailError('login-disabled');
      if (address === '' || password === '') throw new TempMailError('login-fields');
      attempts.assertAllowed(client.address);
      const known = await find(context, address);
      if (known === undefined) throw wrong(client.address, 'address-not-found');
      if (!(await isHolder(context, known, password))) throw wrong(client.address, 'login');
      return { jwt: await tokens.make(known), address: known };
    },
    async smtp({ user, password }, clientAddress) {
      const byToken = await holderOf(tokens, password);
      if (byToken !== undefined) return senderFor(byToken);
      attempts.assertAllowed(clientAddress);
      const known = addressPasswords ? await find(context, user) : undefined;
      if (known !== undefined && (await isHolder(context, known, password))) return senderFor(known);
      attempts.recordFailure(clientAddress);
      return undefined;
    },
  };
}

async function find({ addresses }: LogInContext, address: string): Promise<MailAddress | undefined> {
  const parsed = parseAddress(address);
  return parsed.ok ? addresses.find(parsed.value) : undefined;
}

async function isHolder(
  { passwords }: LogInContext,
  { passwordHash }: MailAddress,
  password: string,
): Promise<boolean> {
  return passwordHash !== null && (await passwords.matches(password, passwordHash));
}

/** In SMTP a JWT that names no address is as wrong as any other. */
async function holderOf(tokens: Tokens, token: string): Promise<MailAddress | undefined> {
  try {
    return await tokens.addressOf(token);
  } catch (error) {
    if (error instanceof TempMailError) return undefined;
    throw error;
  }
}
