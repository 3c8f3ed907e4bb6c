import type { Account, Key } from '../core/account.ts';
import type { BreakerState } from '../core/breaker-state.ts';
import type { Provider } from '../core/provider.ts';
import type { TempMailSettings } from '../core/temp-mail.ts';
import type { User, UserSession } from '../core/user.ts';
import type { Author } from './audit.ts';

/** A text that is known, sealed by the first gate of a database: who cannot open it has another key. */
export interface SealingProof {
  readonly id: number;
  readonly sealed: string;
}

/** What the operator manages, by kind. Each has a numeric `id` and, within its kind, a unique name. */
export interface Records {
  readonly provider: Provider;
  readonly account: Account;
  readonly key: Key;
  readonly tempMail: TempMailSettings;
  readonly user: User;
  readonly session: UserSession;
  readonly sealing: SealingProof;
  readonly hint: BreakerState;
}
export type RecordKind = keyof Records;

/**
 * Small records, read into memory by those who need them and looked at again after `onChange`. A change with an author is
 * noted in the audit log, in its transaction; the gate itself changes things without.
 */
export interface Registry {
  list<K extends RecordKind>(kind: K): Promise<readonly Records[K][]>;
  get<K extends RecordKind>(kind: K, id: number): Promise<Records[K] | undefined>;
  /** Inserts with the next id of its kind; undefined when the name is taken. */
  add<K extends RecordKind>(
    kind: K,
    name: string,
    make: (id: number) => Records[K],
    author?: Author,
  ): Promise<Records[K] | undefined>;
  /** Reads, changes and writes in one transaction; undefined when there is none. What `change` throws, it throws. */
  change<K extends RecordKind>(
    kind: K,
    id: number,
    change: (old: Records[K]) => Records[K],
    author?: Author,
  ): Promise<Records[K] | undefined>;
  remove(kind: RecordKind, id: number, author?: Author): Promise<boolean>;
  /** Calls the listener after a change, on any node within 1 s; returns how to stop. */
  onChange(listener: (kind: RecordKind) => void): () => void;
}
