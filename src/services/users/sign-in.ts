import type { Authenticate } from '../../auth/authenticate.ts';
import { hashOfKeyText } from '../../auth/key-text.ts';
import type { LoginLimiter } from '../../auth/login-limiter.ts';
import type { Passwords } from '../../auth/passwords.ts';
import type { Sessions } from '../../auth/sessions.ts';
import { covers } from '../../core/account.ts';
import { AppError } from '../../core/errors.ts';
import type { SessionHolder } from '../../core/user.ts';
import type { Client } from '../../operations/operation.ts';
import type { Handlers } from '../../operations/operations.ts';
import type { SignIn } from '../../operations/user-operations.ts';
import type { Registry } from '../../store/registry.ts';

export interface SessionHandlersContext {
  readonly sessions: Sessions;
  readonly registry: Pick<Registry, 'list'>;
  readonly authenticate: Authenticate;
  readonly passwords: Passwords;
  readonly attempts: LoginLimiter;
  /** Development mode, in which who looks from this machine is signed in. */
  readonly development: boolean;
}

export type SessionHandlers = Pick<Handlers, 'session' | 'beginSession' | 'endSession'>;

/** Signing in to the dashboard and out of it. */
export function createSessionHandlers(context: SessionHandlersContext): SessionHandlers {
  const { sessions, development } = context;
  return {
    async session(client, { token }) {
      const known = token === undefined ? undefined : await sessions.find(token);
      const about = { development, isSecure: client.isSecure };
      if (known !== undefined) return { ...about, session: known };
      if (!development || !client.isKeyless) return { ...about, session: null };
      return { ...about, ...(await sessions.begin({ kind: 'development' })) };
    },
    async beginSession(client, input) {
      const begun = await sessions.begin(await holderOf(context, client, input));
      return { ...begun, development, isSecure: client.isSecure };
    },
    async endSession(client, presented) {
      await sessions.end({ ...presented, isReading: false });
      return { isSecure: client.isSecure };
    },
  };
}

function holderOf(context: SessionHandlersContext, client: Client, input: SignIn): Promise<SessionHolder> {
  return 'token' in input
    ? keyHolder(context, client, input.token)
    : userOf(context, client, input.user, input.password);
}

async function keyHolder(
  { authenticate }: SessionHandlersContext,
  client: Client,
  token: string,
): Promise<SessionHolder> {
  const principal = await authenticate({ key: token }, client.address);
  if (principal === undefined || typeof principal.by !== 'number') {
    throw new AppError('unauthenticated', 'The token is wrong or was revoked.');
  }
  if (!covers(principal.scopes, 'manage')) {
    throw new AppError('forbidden', 'Only a key with the scope "manage" signs in.');
  }
  return { kind: 'key', id: principal.by, hash: hashOfKeyText(token) };
}

/** A hash that no password has, of the same cost as the real ones: an unknown name takes as long as a wrong password. */
const NOBODY = `scrypt:15:8:3:${Buffer.alloc(16).toString('base64')}:${Buffer.alloc(32).toString('base64')}`;

async function userOf(
  { registry, passwords, attempts }: SessionHandlersContext,
  client: Client,
  name: string,
  password: string,
): Promise<SessionHolder> {
  attempts.assertAllowed(client.address);
  const user = (await registry.list('user')).find(one => one.name === name);
  const isRight = await passwords.matches(password, user?.passwordHash ?? NOBODY);
  if (user === undefined || !isRight || !user.isEnabled) {
    attempts.recordFailure(client.address);
    throw new AppError('unauthenticated', 'The user name or the password is wrong.');
  }
  return { kind: 'user', id: user.id };
}
