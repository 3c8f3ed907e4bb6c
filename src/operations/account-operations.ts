import type { Account, AccountLimits, Key, KeyScope } from '../core/account.ts';
import type { EventType } from '../core/event.ts';
import type { Operation } from './operation.ts';

/** A key as it may be shown: without its hash. */
export type PublicKey = Omit<Key, 'hash'>;

/** An account as it may be shown: of its webhook, all but the secret. */
export type PublicAccount = Omit<Account, 'webhook'> & {
  readonly webhook: { readonly url: string; readonly events: readonly EventType[] } | null;
};

/** What an operator may set of an account; absent fields take their defaults, or keep their value in a change. */
export interface AccountSettings {
  readonly isEnabled?: boolean;
  readonly allowedSenders?: readonly string[];
  /** Null: no limit any more. */
  readonly limits?: { readonly [K in keyof AccountLimits]?: number | null };
  readonly sendsNotices?: boolean;
  /** Null: none. A new URL gets a new secret, shown once; `rotateSecret` makes one for the old URL. */
  readonly webhook?: {
    readonly url?: string;
    readonly events?: readonly EventType[];
    readonly rotateSecret?: boolean;
  } | null;
}

/** An account after a change, with the webhook's secret where one was made. */
export interface ChangedAccount {
  readonly account: PublicAccount;
  readonly webhookSecret?: string;
}

/** Accounts, their keys, and the key that encrypts all secrets. */
export interface AccountOperations {
  accounts: Operation<Record<string, never>, readonly PublicAccount[], 'oversee'>;
  addAccount: Operation<{ name: string; settings: AccountSettings }, ChangedAccount, 'manage'>;
  changeAccount: Operation<{ id: number; settings: AccountSettings }, ChangedAccount, 'manage'>;

  keys: Operation<Record<string, never>, readonly PublicKey[], 'oversee'>;
  createKey: Operation<
    {
      /** By name; absent: the account of the caller. */
      account?: string;
      name: string;
      scopes: readonly KeyScope[];
      /** Creates the account, which must not exist yet, with the senders that it may use. */
      newAccount?: { readonly allowedSenders: readonly string[] };
    },
    { key: PublicKey; secret: string },
    'manage'
  >;
  revokeKey: Operation<{ id: number }, PublicKey, 'manage'>;

  /** Encrypts all secrets with a new key and deletes the old one; returns how many there were. */
  rotateSecretKey: Operation<Record<string, never>, { secrets: number; keyId: string }, 'manage'>;
}
