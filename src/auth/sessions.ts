import { createHash, timingSafeEqual } from 'node:crypto';
import { type Account, authorOf, covers, type Principal } from '../core/account.ts';
import { AppError } from '../core/errors.ts';
import {
  type PresentedSession,
  type Role,
  SCOPES_OF_ROLE,
  type SessionHolder,
  type SessionView,
  type User,
  type UserSession,
} from '../core/user.ts';
import type { RecordKind, Registry } from '../store/registry.ts';
import { hashOfKeyText, randomAlphanumeric } from './key-text.ts';
import type { Keyring } from './keyring.ts';
import type { Random } from './random-text.ts';

/** Sessions of the dashboard. They are valid on every node, and survive a restart. */
export interface Sessions {
  /** Signs in. The result is the only copy of the token. */
  begin(holder: SessionHolder): Promise<{ readonly session: SessionView; readonly token: string }>;
  /** The session of a token; undefined if it has ended or never existed. */
  find(token: string): Promise<SessionView | undefined>;
  /** The principal of a session; undefined if it has ended. Throws `forbidden` if `csrf` is not the session's. */
  authenticate(presented: PresentedSession): Promise<Principal | undefined>;
  /** Signs out. Does nothing if the session has already ended. Throws as `authenticate` does. */
  end(presented: PresentedSession): Promise<void>;
  close(): void;
}

export interface SessionsContext {
  readonly registry: Pick<Registry, 'list' | 'get' | 'add' | 'remove' | 'onChange'>;
  readonly keyring: Pick<Keyring, 'authenticateHash'>;
  /** The account that users act in. They see the mail of all accounts. */
  readonly account: string;
  /** Development mode is on. Sessions of kind `development` are valid only then. */
  readonly development: boolean;
  readonly random: Random;
  /** Epoch ms. */
  readonly now: () => number;
}

const LIFETIME_MS = 12 * 3_600_000;
/** 43 characters from 62 are 256 bits. */
const TOKEN_LENGTH = 43;
const TOKEN = /^ps_([1-9]\d{0,14})_[0-9A-Za-z]{43}$/;

interface Snapshot {
  readonly sessions: ReadonlyMap<number, UserSession>;
  readonly users: ReadonlyMap<number, User>;
  readonly account: Account | undefined;
}

/** A valid session with the rights that it gives now. */
interface SignedIn {
  readonly session: UserSession;
  readonly view: SessionView;
  readonly principal: Principal;
}

/** Holds all sessions in memory. It reads them again after a session, a user or an account has changed. */
export function createSessions(context: SessionsContext): Sessions {
  const { registry, random, now } = context;
  let snapshot: Promise<Snapshot> | undefined;
  const stop = registry.onChange(kind => {
    if (affectsSessions(kind)) snapshot = undefined;
  });

  function current(): Promise<Snapshot> {
    snapshot ??= load(context).catch(error => {
      snapshot = undefined;
      throw error;
    });
    return snapshot;
  }

  async function findByToken(token: string): Promise<SignedIn | undefined> {
    const id = Number(TOKEN.exec(token)?.[1]);
    if (!Number.isSafeInteger(id)) return undefined;
    const known = await current();
    // A session that another node has just started is not in memory yet.
    const session = known.sessions.get(id) ?? (await registry.get('session', id));
    if (session === undefined || session.expiresAt <= now()) return undefined;
    if (!isSame(hashOfKeyText(token), session.hash)) return undefined;
    return resolveSession(context, known, session, token);
  }

  async function findAndCheckCsrf({
    token,
    csrf,
    isReading,
  }: PresentedSession): Promise<SignedIn | undefined> {
    const found = await findByToken(token);
    if (found === undefined || isReading || isSame(csrf ?? '', found.view.csrf)) return found;
    throw new AppError(
      'forbidden',
      'The header X-CSRF-Token is missing or is not the token of this session.',
    );
  }

  return {
    async begin(holder) {
      await deleteExpired(context);
      const at = now();
      let token = '';
      const session = await registry.add('session', randomAlphanumeric(TOKEN_LENGTH, random), id => {
        token = `ps_${id}_${randomAlphanumeric(TOKEN_LENGTH, random)}`;
        return { id, hash: hashOfKeyText(token), holder, createdAt: at, expiresAt: at + LIFETIME_MS };
      });
      const found = session && (await findByToken(token));
      if (found === undefined)
        throw new AppError('unauthenticated', 'This user or key is no longer allowed to sign in.');
      return { session: found.view, token };
    },
    find: async token => (await findByToken(token))?.view,
    authenticate: async presented => (await findAndCheckCsrf(presented))?.principal,
    async end(presented) {
      const found = await findAndCheckCsrf(presented);
      if (found !== undefined) await registry.remove('session', found.session.id);
    },
    close: stop,
  };
}

function affectsSessions(kind: RecordKind): boolean {
  return kind === 'session' || kind === 'user' || kind === 'account';
}

async function load({ registry, account: name }: SessionsContext): Promise<Snapshot> {
  const [sessions, users, accounts] = await Promise.all([
    registry.list('session'),
    registry.list('user'),
    registry.list('account'),
  ]);
  return {
    sessions: new Map(sessions.map(session => [session.id, session])),
    users: new Map(users.map(user => [user.id, user])),
    account: accounts.find(account => account.name === name),
  };
}

async function deleteExpired({ registry, now }: SessionsContext): Promise<void> {
  const expired = (await registry.list('session')).filter(({ expiresAt }) => expiresAt <= now());
  await Promise.all(expired.map(({ id }) => registry.remove('session', id)));
}

/** Returns the present rights of a session; undefined if the user, the key or the role no longer permits it. */
async function resolveSession(
  context: SessionsContext,
  known: Snapshot,
  session: UserSession,
  token: string,
): Promise<SignedIn | undefined> {
  const { holder, createdAt, expiresAt } = session;
  const { kind } = holder;
  const view = { kind, csrf: csrfOf(token), createdAt, expiresAt };
  if (kind === 'key') {
    const found = await context.keyring.authenticateHash(holder.id, holder.hash);
    if (found === undefined || !covers(found.scopes, 'manage')) return undefined;
    const principal = principalOf(found.account, 'admin', found.by);
    return { session, principal, view: { ...view, name: authorOf(found), role: 'admin' } };
  }
  if (known.account === undefined) return undefined;
  if (kind === 'development') {
    if (!context.development) return undefined;
    const principal = principalOf(known.account, 'admin', kind);
    return { session, principal, view: { ...view, name: kind, role: 'admin' } };
  }
  const user = known.users.get(holder.id);
  if (user === undefined || !user.isEnabled || createdAt < user.sessionsSince) return undefined;
  const { name, role } = user;
  return {
    session,
    principal: principalOf(known.account, role, `user ${name}`),
    view: { ...view, name, role },
  };
}

/** In a disabled account nobody may send. The other scopes stay, so that the account can be enabled again. */
function principalOf(account: Account, role: Role, by: Principal['by']): Principal {
  const scopes = SCOPES_OF_ROLE[role].filter(scope => account.isEnabled || scope !== 'send');
  return { account, scopes, by };
}

/** Only the owner of the session token can compute this value. The token cannot be computed from it. */
function csrfOf(token: string): string {
  return createHash('sha256').update(`csrf of ${token}`).digest('base64url');
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
