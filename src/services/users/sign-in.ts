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
  readonly loginLimiter: LoginLimiter;
  /** In development mode, a client on this machine is signed in without a password. */
  readonly development: boolean;
}

export type SessionHandlers = Pick<Handlers, 'session' | 'beginSession' | 'endSession'>;

/** Handlers that sign in to the dashboard and out of it. */
export function createSessionHandlers(context: SessionHandlersContext): SessionHandlers {
  const { sessions, development } = context;
  return {
    async session(client, { token }) {
      const session = token === undefined ? undefined : await sessions.find(token);
      const common = { development, isSecure: client.isSecure };
      if (session !== undefined) return { ...common, session };
      if (!development || !client.isKeyless) return { ...common, session: null };
      return { ...common, ...(await sessions.begin({ kind: 'development' })) };
    },
    async beginSession(client, input) {
      const started = await sessions.begin(await holderOf(context, client, input));
      return { ...started, development, isSecure: client.isSecure };
    },
    async endSession(client, presented) {
      await sessions.end({ ...presented, isReading: false });
      return { isSecure: client.isSecure };
    },
  };
}

function holderOf(context: SessionHandlersContext, client: Client, input: SignIn): Promise<SessionHolder> {
  return 'token' in input ? keyHolder(context, client, input.token) : userHolder(context, client, input);
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
    throw new AppError('forbidden', 'Only a key with the scope "manage" can sign in.');
  }
  return { kind: 'key', id: principal.by, hash: hashOfKeyText(token) };
}

/** A hash that matches no password. With it, an unknown user name takes as long as a wrong password. */
const UNKNOWN_USER_HASH = `scrypt:15:8:3:${Buffer.alloc(16).toString('base64')}:${Buffer.alloc(32).toString('base64')}`;

async function userHolder(
  { registry, passwords, loginLimiter }: SessionHandlersContext,
  client: Client,
  { user: name, password }: { readonly user: string; readonly password: string },
): Promise<SessionHolder> {
  loginLimiter.assertAllowed(client.address);
  const user = (await registry.list('user')).find(candidate => candidate.name === name);
  const isMatch = await passwords.matches(password, user?.passwordHash ?? UNKNOWN_USER_HASH);
  if (user === undefined || !isMatch || !user.isEnabled) {
    loginLimiter.recordFailure(client.address);
    throw new AppError('unauthenticated', 'The user name or the password is wrong.');
  }
  return { kind: 'user', id: user.id };
}
