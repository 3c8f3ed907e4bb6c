import type { EventType } from './event.ts';
import type { AccountId } from './message.ts';

/** What a key may do: hand in mail, read what became of the account's mail, manage the gate. */
export type KeyScope = 'send' | 'read' | 'manage';

/** Besides, what people at the dashboard may do: see all accounts and providers; act on mail and providers of all. */
export type Scope = KeyScope | 'oversee' | 'operate';

const TAKES_IN: Readonly<Record<Scope, readonly Scope[]>> = {
  send: [],
  read: [],
  oversee: [],
  operate: ['oversee'],
  manage: ['oversee', 'operate'],
};

/** Whether who has these scopes may do what needs that one. */
export function covers(scopes: readonly Scope[], wanted: Scope): boolean {
  return scopes.some(scope => scope === wanted || TAKES_IN[scope].includes(wanted));
}

/** What an account may hand in, in recipients; absent: no limit. Rolling windows, kept across restarts. */
export interface AccountLimits {
  readonly maxPerMinute?: number;
  readonly maxPerHour?: number;
  readonly maxPerDay?: number;
  /** Of one message; never more than the gate's own limit. */
  readonly maxRecipientsPerMessage?: number;
}

/** One URL that is told of everything that happens to an account's mail, signed as Standard Webhooks has it. */
export interface Webhook {
  /** `https:`, or `http:` where the configuration allows the host. */
  readonly url: string;
  /** `whsec_…` as `accounts/sealing.ts` sealed it, under `webhook:<account id>`. */
  readonly sealedSecret: string;
  /** Only these; empty: all. */
  readonly events: readonly EventType[];
}

/** Who submits. */
export interface Account {
  readonly id: AccountId;
  /** Unique; the user name where an API has one. */
  readonly name: string;
  readonly isEnabled: boolean;
  /** Addresses, or domains with a leading `@`, or `*`, that it may send as. */
  readonly allowedSenders: readonly string[];
  readonly limits: AccountLimits;
  /** Failures of mail that came by SMTP or pickup are told to its sender (RFC 3464). */
  readonly sendsNotices: boolean;
  /** Where its events are posted; null: nowhere. */
  readonly webhook: Webhook | null;
  /** Epoch ms. */
  readonly createdAt: number;
}

/** An enabled account that nothing was set for. */
export function newAccount(known: Pick<Account, 'id' | 'name' | 'allowedSenders' | 'createdAt'>): Account {
  return { ...known, isEnabled: true, limits: {}, sendsNotices: true, webhook: null };
}

/** A credential of an account; the secret itself is shown once and kept only as SHA-256. */
export interface Key {
  readonly id: number;
  readonly account: AccountId;
  readonly name: string;
  readonly scopes: readonly KeyScope[];
  /** SHA-256 of the whole key, lower-case hex. */
  readonly hash: string;
  /** Epoch ms; `revokedAt` null while it works. */
  readonly createdAt: number;
  readonly revokedAt: number | null;
}

/** Who did something, as the audit log names them. */
export function authorOf({ by }: Pick<Principal, 'by'>): string {
  if (by === OPERATOR_KEY) return 'operator';
  return typeof by === 'number' ? `key ${by}` : by;
}

/** The number in the token of who runs the gate. */
const OPERATOR_KEY = 0;

/** Who is asking, once the credential was found good. */
export interface Principal {
  readonly account: Account;
  readonly scopes: readonly Scope[];
  /** The key's id, or how access was had without one: for `development` by the dashboard that opens signed in. */
  readonly by: number | 'keyless' | 'development' | `user ${string}`;
}
