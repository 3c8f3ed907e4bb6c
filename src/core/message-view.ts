import type { Address } from './address.ts';
import type { AccountId, MessageId, Priority, ProviderId } from './message.ts';
import type { Phase, RecipientState, Reply } from './outcome.ts';

/** One SMTP transaction, for the ledger. */
export interface AttemptRecord {
  /** Counted from 1 within the message. */
  readonly number: number;
  readonly provider: ProviderId;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly phase: Phase;
  readonly reply?: Reply;
  readonly error?: string;
  readonly remote?: string;
  /** Re-encoded for a far end without 8BITMIME. */
  readonly converted?: boolean;
  /** Carries a recipient for whom an earlier attempt ended unknown. */
  readonly repeated?: boolean;
}

export interface RecipientView {
  readonly index: number;
  readonly address: Address;
  readonly state: RecipientState;
  readonly attempts: number;
  /** Epoch ms; absent when the state is terminal. */
  readonly dueAt?: number;
  readonly lastReply?: Reply;
  readonly lastError?: string;
}

export interface MessageView {
  readonly id: MessageId;
  readonly account: AccountId;
  readonly dialect: string;
  readonly sender: Address | '';
  readonly from: Address | '';
  readonly subject: string;
  readonly messageIdHeader: string;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly priority: Priority;
  readonly lane: ProviderId;
  /** Bytes of the MIME. */
  readonly size: number;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly isLeased: boolean;
  readonly recipients: readonly RecipientView[];
}

/** All given conditions hold. Text is compared in canonical form (lower case but for local parts). */
export interface MessageFilter {
  readonly id?: MessageId;
  readonly account?: AccountId;
  /** A whole address, or `@domain`. */
  readonly recipient?: string;
  readonly sender?: string;
  /** At least one recipient is in this state. */
  readonly state?: RecipientState;
  readonly tag?: string;
  /** Its metadata has all of these. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Some attempt was made there, or it waits in that lane. */
  readonly provider?: ProviderId;
  /** Words that all stand in the subject, in any capitals; what is no letter, mark or digit separates words. */
  readonly words?: readonly string[];
  /** Epoch ms, by acceptance: from ≤ t < to. */
  readonly since?: number;
  readonly until?: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Where the next page starts; absent on the last one. */
  readonly next?: string;
}
