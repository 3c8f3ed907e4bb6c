import { timingSafeEqual } from 'node:crypto';
import type { Account, Key, KeyScope, Principal } from '../core/account.ts';
import { AppError } from '../core/errors.ts';
import type { Registry } from '../store/registry.ts';
import { hashOfKeyText, idOfKeyText, OPERATOR_KEY_ID } from './key-text.ts';

/** A key in a request. */
export interface PresentedKey {
  readonly key: string;
  /** The user name, for APIs that check it: it must be the name of the account. */
  readonly user?: string;
}

/** Finds the account and the scopes of a key. */
export interface Keyring {
  /** Undefined if the key is unknown, revoked or of another user. Throws `account_inactive` if the account is disabled. */
  authenticate(presented: PresentedKey): Promise<Principal | undefined>;
  /** As `authenticate`, for a caller that has only the id and the hash of the key. */
  authenticateHash(id: number, hash: string): Promise<Principal | undefined>;
  /** The principal without a key in an account; undefined if no account has that name. Throws `account_inactive`. */
  keyless(accountName: string): Promise<Principal | undefined>;
  close(): void;
}

export interface KeyringContext {
  readonly registry: Pick<Registry, 'list' | 'onChange'>;
  /** It has all scopes in the account `operatorAccount`. */
  readonly operatorToken: string;
  readonly operatorAccount: string;
}

/** The operator's scopes in a disabled account: enough to enable it again. */
const MANAGE_ONLY: readonly KeyScope[] = ['manage'];
/** The scopes of callers without a key. */
const KEYLESS_SCOPES: readonly KeyScope[] = ['send', 'read'];
const ALL_SCOPES: readonly KeyScope[] = ['send', 'read', 'manage'];
const NO_HASH = hashOfKeyText('');
/** In characters. Of a longer text only this part is hashed: it cannot be a key. */
const LONGEST_KEY = 256;

interface Snapshot {
  readonly keys: ReadonlyMap<number, Key>;
  readonly accounts: ReadonlyMap<number, Account>;
  readonly accountsByName: ReadonlyMap<string, Account>;
}

/** Holds all keys and accounts in memory. It reads them again after a key or an account has changed. */
export function createKeyring({ registry, operatorToken, operatorAccount }: KeyringContext): Keyring {
  const operatorHash = hashOfKeyText(operatorToken);
  let snapshot: Promise<Snapshot> | undefined;
  const stop = registry.onChange(kind => {
    if (kind === 'key' || kind === 'account') snapshot = undefined;
  });

  function current(): Promise<Snapshot> {
    if (snapshot === undefined) {
      const loading = load(registry);
      snapshot = loading;
      loading.catch(() => {
        if (snapshot === loading) snapshot = undefined;
      });
    }
    return snapshot;
  }

  async function findPrincipal(
    id: number | undefined,
    hash: string,
    user?: string,
  ): Promise<Principal | undefined> {
    const { keys, accounts, accountsByName } = await current();
    const isOperator = id === OPERATOR_KEY_ID;
    const key = id === undefined ? undefined : keys.get(id);
    // An unknown key is compared too: the time of the reply must not show which ids exist.
    const expected = isOperator ? operatorHash : (key?.hash ?? NO_HASH);
    if (!isSameHash(hash, expected)) return undefined;
    if (isOperator) return operatorOf(accountsByName.get(operatorAccount), user);
    if (key === undefined || key.revokedAt !== null) return undefined;
    return principalOf(accounts.get(key.account), key.scopes, key.id, user);
  }

  return {
    authenticate: ({ key, user }) =>
      findPrincipal(idOfKeyText(key), hashOfKeyText(key.slice(0, LONGEST_KEY)), user),
    authenticateHash: (id, hash) => findPrincipal(id, hash),
    async keyless(accountName) {
      const { accountsByName } = await current();
      return principalOf(accountsByName.get(accountName), KEYLESS_SCOPES, 'keyless', undefined);
    },
    close: stop,
  };
}

async function load(registry: Pick<Registry, 'list'>): Promise<Snapshot> {
  const [keys, accounts] = await Promise.all([registry.list('key'), registry.list('account')]);
  return {
    keys: new Map(keys.map(key => [key.id, key])),
    accounts: new Map(accounts.map(account => [account.id, account])),
    accountsByName: new Map(accounts.map(account => [account.name, account])),
  };
}

/** The operator can still manage the gate after the operator's own account was disabled. */
function operatorOf(account: Account | undefined, user: string | undefined): Principal | undefined {
  if (account === undefined || account.isEnabled)
    return principalOf(account, ALL_SCOPES, OPERATOR_KEY_ID, user);
  return isUser(user, account) ? { account, scopes: MANAGE_ONLY, by: OPERATOR_KEY_ID } : undefined;
}

function principalOf(
  account: Account | undefined,
  scopes: readonly KeyScope[],
  by: Principal['by'],
  user: string | undefined,
): Principal | undefined {
  if (account === undefined || !isUser(user, account)) return undefined;
  if (account.isEnabled) return { account, scopes, by };
  throw new AppError('account_inactive', 'The account is disabled.');
}

function isUser(user: string | undefined, account: Account): boolean {
  return user === undefined || user === account.name;
}

function isSameHash(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
