import { timingSafeEqual } from 'node:crypto';
import type { Account, Key, KeyScope, Principal } from '../core/account.ts';
import { AppError } from '../core/errors.ts';
import type { Registry } from '../store/registry.ts';
import { hashOfKeyText, idOfKeyText, OPERATOR_KEY_ID } from './key-text.ts';

/** A credential as presented. */
export interface Presented {
  readonly key: string;
  /** Where an API has a user name that matters: it must be the account's. */
  readonly user?: string;
}

/** Knows whose a key is. */
export interface Keyring {
  /** Whose key it is; undefined when it is unknown, revoked or another user's. Of a disabled account it throws `account_inactive`. */
  authenticate(presented: Presented): Promise<Principal | undefined>;
  /** Who a key of that id and hash makes of its holder now; undefined when it is unknown or revoked. */
  recognise(id: number, hash: string): Promise<Principal | undefined>;
  /** Who acts without a key in an account; undefined when there is none of that name. Throws `account_inactive`. */
  keyless(accountName: string): Promise<Principal | undefined>;
  close(): void;
}

export interface KeyringContext {
  readonly registry: Pick<Registry, 'list' | 'onChange'>;
  /** The token of who runs this gate: all scopes, in the account `operatorAccount`. */
  readonly operatorToken: string;
  readonly operatorAccount: string;
}

/** Of a disabled account: enough to enable it again. */
const MANAGE_ONLY: readonly KeyScope[] = ['manage'];
/** What keyless callers may do. */
const KEYLESS_SCOPES: readonly KeyScope[] = ['send', 'read'];
const ALL_SCOPES: readonly KeyScope[] = ['send', 'read', 'manage'];
const NO_HASH = hashOfKeyText('');
/** Longer texts are no keys: they are hashed no further than this. */
const LONGEST_KEY = 256;

interface Snapshot {
  readonly keys: ReadonlyMap<number, Key>;
  readonly accounts: ReadonlyMap<number, Account>;
  readonly accountsByName: ReadonlyMap<string, Account>;
}

/** A keyring over the registry, held in memory and forgotten whenever a key or an account changes. */
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

  async function holderOf(
    id: number | undefined,
    hash: string,
    user?: string,
  ): Promise<Principal | undefined> {
    const { keys, accounts, accountsByName } = await current();
    const isOperator = id === OPERATOR_KEY_ID;
    const key = id === undefined ? undefined : keys.get(id);
    // An unknown key is compared like a known one, so that the time says nothing.
    const expected = isOperator ? operatorHash : (key?.hash ?? NO_HASH);
    if (!isSameHash(hash, expected)) return undefined;
    if (isOperator) return operator(accountsByName.get(operatorAccount), user);
    if (key === undefined || key.revokedAt !== null) return undefined;
    return principal(accounts.get(key.account), key.scopes, key.id, user);
  }

  return {
    authenticate: ({ key, user }) =>
      holderOf(idOfKeyText(key), hashOfKeyText(key.slice(0, LONGEST_KEY)), user),
    recognise: (id, hash) => holderOf(id, hash),
    async keyless(accountName) {
      const { accountsByName } = await current();
      return principal(accountsByName.get(accountName), KEYLESS_SCOPES, 'keyless', undefined);
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

/** Who runs the gate is never shut out of managing it, not even by disabling that account. */
function operator(account: Account | undefined, user: string | undefined): Principal | undefined {
  if (account === undefined || account.isEnabled)
    return principal(account, ALL_SCOPES, OPERATOR_KEY_ID, user);
  return isUser(user, account) ? { account, scopes: MANAGE_ONLY, by: OPERATOR_KEY_ID } : undefined;
}

function principal(
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
