import { hashOfKeyText, newKeyText } from '../../auth/key-text.ts';
import type { Random } from '../../auth/random-text.ts';
import type { Account, Key, KeyScope, Principal } from '../../core/account.ts';
import { hasControl } from '../../core/control-characters.ts';
import { AppError, invalidField, type Problem } from '../../core/errors.ts';
import type { PublicKey } from '../../operations/account-operations.ts';
import type { Handlers } from '../../operations/operations.ts';
import type { Author } from '../../store/audit.ts';
import type { Registry } from '../../store/registry.ts';
import { asAuthor } from '../author.ts';
import { addAccountWithSenders } from './accounts.ts';

export interface KeysContext {
  readonly registry: Registry;
  readonly random: Random;
  /** Epoch ms. */
  readonly now: () => number;
  /** Returns a unique text. The registry requires unique names, but several keys can have the same `name`. */
  readonly newName: () => string;
}

export type KeyHandlers = Pick<Handlers, 'keys' | 'createKey' | 'revokeKey'>;

const SCOPES: readonly KeyScope[] = ['send', 'read', 'manage'];
const MAX_NAME = 255;

/** Handlers for the keys of all accounts. They need the scope `manage`. */
export function createKeyHandlers(context: KeysContext): KeyHandlers {
  const { registry, now } = context;
  return {
    async keys() {
      return (await registry.list('key')).map(withoutHash);
    },
    async createKey(principal, input) {
      checkKey(input);
      const account = await accountFor(context, principal, input);
      return addKey(context, account, input, asAuthor(principal, now));
    },
    async revokeKey(principal, { id }) {
      const revoked = await registry.change(
        'key',
        id,
        key => ({
          ...key,
          revokedAt: key.revokedAt ?? now(),
        }),
        asAuthor(principal, now),
      );
      if (revoked === undefined) throw new AppError('not_found', `There is no key ${id}.`);
      return withoutHash(revoked);
    },
  };
}

/** Adds a key to an account. The result is the only copy of the secret. */
export async function addKey(
  { registry, random, now, newName }: KeysContext,
  account: Account,
  { name, scopes }: Pick<Key, 'name' | 'scopes'>,
  author?: Author,
): Promise<{ key: PublicKey; secret: string }> {
  let secret = '';
  const createdAt = now();
  const key = await registry.add(
    'key',
    newName(),
    id => {
      secret = newKeyText(id, random);
      const hash = hashOfKeyText(secret);
      return { id, account: account.id, name, scopes, hash, createdAt, revokedAt: null };
    },
    author,
  );
  if (key === undefined) throw new Error('newName returned a name that is already taken');
  return { key: withoutHash(key), secret };
}

function checkKey({ name, scopes }: Pick<Key, 'name' | 'scopes'>): void {
  const problems: Problem[] = [];
  if (name === '' || name.length > MAX_NAME || hasControl(name)) {
    problems.push({
      field: 'name',
      message: `must be 1 to ${MAX_NAME} characters without control characters`,
    });
  }
  if (scopes.length === 0 || scopes.some(scope => !SCOPES.includes(scope))) {
    problems.push({ field: 'scopes', message: `must be at least one of ${SCOPES.join(', ')}` });
  }
  const [first] = problems;
  if (first !== undefined) throw new AppError('invalid', `${first.field} ${first.message}.`, { problems });
}

type AccountChoice = { account?: string; newAccount?: { readonly allowedSenders: readonly string[] } };

async function accountFor(
  context: KeysContext,
  principal: Principal,
  { account: name, newAccount }: AccountChoice,
): Promise<Account> {
  if (name === undefined && newAccount === undefined) return principal.account;
  if (name === undefined) throw invalidField('account', 'a new account needs a name');
  if (newAccount !== undefined) {
    return addAccountWithSenders(context, { name, allowedSenders: newAccount.allowedSenders }, principal);
  }
  const accounts = await context.registry.list('account');
  const found = accounts.find(account => account.name === name);
  if (found !== undefined) return found;
  const known = accounts.map(account => account.name).join(', ');
  throw invalidField('account', `there is no account ${JSON.stringify(name)}; existing accounts: ${known}`);
}

function withoutHash({ hash: _, ...key }: Key): PublicKey {
  return key;
}
