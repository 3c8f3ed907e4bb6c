import type { AccountId } from './message.ts';

/** What a key may do: hand in mail, read what became of the account's mail, manage the gate. */
export type Scope = 'send' | 'read' | 'manage';

/** Who submits. */
export interface Account {
  readonly id: AccountId;
  /** Unique; the user name where an API has one. */
  readonly name: string;
  readonly isEnabled: boolean;
  /** Addresses, or domains with a leading `@`, or `*`, that it may send as. */
  readonly allowedSenders: readonly string[];
  /** Epoch ms. */
  readonly createdAt: number;
}

/** A credential of an account; the secret itself is shown once and kept only as SHA-256. */
export interface Key {
  readonly id: number;
  readonly account: AccountId;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** SHA-256 of the whole key, lower-case hex. */
  readonly hash: string;
  /** Epoch ms; `revokedAt` null while it works. */
  readonly createdAt: number;
  readonly revokedAt: number | null;
}

/** Who is asking, once the credential was found good. */
export interface Principal {
  readonly account: Account;
  readonly scopes: readonly Scope[];
  /** The key's id, or how access was had without one. */
  readonly by: number | 'keyless';
}
