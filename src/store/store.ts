import type { Address } from '../core/address.ts';
import type { Event, EventData, EventType } from '../core/event.ts';
import type { AccountId, Envelope, MessageId, Priority, ProviderId } from '../core/message.ts';
import type { AttemptRecord, MessageFilter, MessageView, Page } from '../core/message-view.ts';
import type { Outcome, Phase, RecipientState, Reply } from '../core/outcome.ts';
import type { Charge, SentItem } from '../core/submission.ts';
import type { Addresses } from './addresses.ts';
import type { Audit } from './audit.ts';
import type { Limits } from './limits.ts';
import type { Registry } from './registry.ts';
import type { Reports } from './reports.ts';

/**
 * Where everything lives. Each verb is one transaction, named after the transition it makes, and resolves once that
 * is durable. Expected results are values; a rejected promise means that nothing happened (AppError `unavailable`
 * when the database cannot be written). `test/suites/store.ts` says what every engine must do.
 */
export interface Store {
  readonly queue: Queue;
  readonly history: History;
  readonly reports: Reports;
  readonly audit: Audit;
  readonly limits: Limits;
  readonly addresses: Addresses;
  readonly registry: Registry;
  readonly nodes: Nodes;
  /** Deletes what retention no longer keeps, in slices under 20 ms; resolves with how much of each went. */
  purge(retention: Retention, now: number): Promise<{ messages: number; bodies: number; events: number }>;
  /** Feeds the search index and the figures from the events that came since the last call; resolves with how many it read. */
  index(): Promise<number>;
  /** Waits for what is under way, then closes; whatever is called afterwards is rejected as `unavailable`. */
  close(): Promise<void>;
}

// ——— the queue ———————————————————————————————————————————————————————————————————————————————————————————————

/** A lease is held by an incarnation of a node, for all its messages at once; see `Nodes`. */
export type LeaseId = number;

/** The lane of mail that no enabled provider serves. */
export const NO_LANE = 0;

/** A message as it is accepted: whole, composed, frozen. */
export interface NewMessage {
  readonly id: MessageId;
  readonly account: AccountId;
  /** The API it came by, as the dialect calls itself. */
  readonly dialect: string;
  readonly envelope: Envelope;
  readonly mime: Buffer;
  readonly eightBit: boolean;
  readonly smtputf8: boolean;
  /** Address of header From, Subject (decoded) and Message-ID (with angle brackets): for lists and searches. */
  readonly from: Address | '';
  readonly subject: string;
  readonly messageIdHeader: string;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly priority: Priority;
  readonly lane: ProviderId;
  /** Epoch ms: accepted, first due (later than `createdAt` when scheduled), given up. */
  readonly createdAt: number;
  readonly dueAt: number;
  readonly expiresAt: number;
  /** When set, the message is inserted already leased, as its first attempt: hot hand-over. */
  readonly lease?: LeaseId;
  /** Unique within the account for 24 h; `fingerprint` is the SHA-256 of the parsed submission. */
  readonly idempotency?: { readonly key: string; readonly fingerprint: Buffer };
  /** All taken in the same transaction, or the message is refused as `short`. */
  readonly charges?: readonly Charge[];
  readonly sentItem?: SentItem;
  /** Further details for the `accepted` event, such as ignored header fields. */
  readonly notes?: EventData;
}

export type EnqueueResult =
  | { readonly kind: 'accepted' }
  /** The same submission under the same key came before; `id` is that one's. */
  | { readonly kind: 'replayed'; readonly id: MessageId }
  /** Another submission has the key. */
  | { readonly kind: 'key-taken' }
  /** There is not enough of a charge (its place in `charges`); epoch ms when there may be, if time alone brings it. */
  | { readonly kind: 'short'; readonly charge: number; readonly retryAt?: number }
  /** Below `minFreeBytes` or above `maxQueued`. */
  | { readonly kind: 'full' };

/** A recipient that is due, with its index in the message. */
export interface DueRecipient {
  readonly index: number;
  readonly address: Address;
  /** True when an earlier attempt ended unknown for it. */
  readonly wasUnknown: boolean;
  /** Attempts that counted for it so far, without the one it is leased for. */
  readonly attempts: number;
}

/** A message under our lease, with the recipients that are due. */
export interface LeasedMessage {
  readonly id: MessageId;
  readonly account: AccountId;
  readonly dialect: string;
  readonly sender: Address | '';
  readonly recipients: readonly DueRecipient[];
  readonly mime: Buffer;
  readonly eightBit: boolean;
  readonly smtputf8: boolean;
  readonly from: Address | '';
  readonly priority: Priority;
  /** The lane it was claimed in. */
  readonly lane: ProviderId;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** The number of the attempt it is leased for, from 1 within the message. */
  readonly attempt: number;
}

/** What the attempts made under a lease come to for one recipient. */
export interface RecipientResult {
  readonly index: number;
  readonly state: Exclude<RecipientState, 'queued'>;
  /** Epoch ms of the next look at it; absent: the state is terminal. */
  readonly dueAt?: number;
  /** The outcome behind it; absent for expired and cancelled. */
  readonly outcome?: Outcome;
  /** The attempt and provider that decided it; absent when there was none. */
  readonly attempt?: number;
  readonly provider?: ProviderId;
  readonly phase?: Phase;
}

/** The end of a lease on a message. */
export interface Finish {
  readonly id: MessageId;
  readonly account: AccountId;
  readonly lease: LeaseId;
  readonly at: number;
  readonly attempts: readonly AttemptRecord[];
  /** One for each recipient that was due. The store writes an event with every one of them. */
  readonly results: readonly RecipientResult[];
  /** The lane it waits in, if anything of it is still due. */
  readonly lane: ProviderId;
}

export interface ClaimRequest {
  readonly lane: ProviderId;
  readonly lease: LeaseId;
  readonly now: number;
  /** At most so many messages, and none whose body would bring them above `maxBytes`, unless it is the first. */
  readonly limit: number;
  readonly maxBytes: number;
}

export interface ClaimResult {
  readonly messages: readonly LeasedMessage[];
  /** When the lane's next message is due that was not claimed now (may lie in the past); absent: none is waiting. */
  readonly nextDueAt?: number;
}

/** What the wire journal says of one attempt whose dot went out. */
export interface WireFact {
  readonly attempt: number;
  readonly provider: ProviderId;
  /** The recipients it carried, by their index in the message. */
  readonly indexes: readonly number[];
  /** The replies to refused RCPTs, by position in `indexes`. */
  readonly refused: readonly (Reply | undefined)[];
  /** The reply to the dot; absent when none was read. */
  readonly reply?: Reply;
}

/** A message that a dead incarnation held. */
export interface AdoptedMessage {
  /** `recipients` are all that are not terminal. */
  readonly message: LeasedMessage;
  /** In the order of the attempts made under that lease; empty when no dot went out. */
  readonly facts: readonly WireFact[];
}

export type CancelResult = 'cancelled' | 'started' | 'ended' | 'not-found';
export type RetryResult = 'retried' | 'under-way' | 'nothing-to-retry' | 'body-gone' | 'not-found';

export interface Queue {
  /** Message, body, recipients and `accepted` event, together with all others of this turn. */
  enqueue(message: NewMessage): Promise<EnqueueResult>;
  /** Leases what is due in a lane (high before normal before bulk, then by due time, then by id) and counts its attempt. */
  claim(request: ClaimRequest): Promise<ClaimResult>;
  /** Writes what became of a leased message, and its events; false, and nothing written, when the lease is not the message's. */
  finish(finish: Finish): Promise<boolean>;
  /**
   * Gives a leased message back as if never claimed, to `lane`, due at `dueAt` but not before its earliest recipient;
   * false when the lease is not the message's.
   */
  release(back: { id: MessageId; lease: LeaseId; lane: ProviderId; dueAt: number }): Promise<boolean>;
  /**
   * Moves up to `limit` messages from a dead incarnation's lease to ours, with what its wire journal says of each; from
   * then on ours says the same, in case we die before their leases end.
   */
  adopt(request: { from: LeaseId; to: LeaseId; limit: number }): Promise<readonly AdoptedMessage[]>;
  /** Moves everything that waits in one lane and is not leased into another, in slices; resolves with how many. */
  moveLane(from: ProviderId, to: ProviderId): Promise<number>;
  /** Ends what is still due of a message; `started` while an attempt is under way. `account` absent: any account's. */
  cancel(request: { id: MessageId; account?: AccountId; now: number }): Promise<CancelResult>;
  /**
   * Makes what is due later due now, and restarts the recipients that ended bounced, failed, expired or unknown, with
   * `expiresAt` if that is later. A message of which nothing was due any more waits in NO_LANE then.
   */
  retry(request: {
    id: MessageId;
    account?: AccountId;
    now: number;
    expiresAt: number;
  }): Promise<RetryResult>;
  /** How many messages have not ended, leased or not, and since when the longest due one has been due, per lane. */
  depth(): Promise<readonly { lane: ProviderId; waiting: number; oldestDueAt?: number }[]>;
}

// ——— nodes and the wire journal ———————————————————————————————————————————————————————————————————————————————

/** A running (or dead) process: its number goes into the ids it makes, its id is its lease. */
export interface Incarnation {
  readonly lease: LeaseId;
  /** 0–255, unique among the living. */
  readonly node: number;
}

/** The wire journal: what a crash of the process must not forget, written without waiting for the disk (docs/decisions/01-wire-journal.md). */
export interface WireJournal {
  /**
   * Before the bytes that hold the final dot go to the kernel. Returns a promise only where the engine must wait; it rejects
   * with `unavailable` when nothing was written, among other things because others have declared this incarnation dead.
   */
  dot(entry: {
    id: MessageId;
    attempt: number;
    provider: ProviderId;
    indexes: readonly number[];
    refused: readonly (Reply | undefined)[];
  }): void | Promise<void>;
  /** When the reply to the dot was read. */
  replied(entry: { id: MessageId; attempt: number; reply: Reply }): void;
}

/** Where an incarnation stands among the living, in the order in which they joined. */
export interface Place {
  /** From 0. */
  readonly place: number;
  /** How many are living. */
  readonly of: number;
}

export interface Nodes {
  readonly journal: WireJournal;
  /** Starts an incarnation with a lease until `now + leaseMs`. */
  join(request: { now: number; leaseMs: number; host: string; pid: number }): Promise<Incarnation>;
  /** Renews the lease; false when it was declared dead meanwhile. */
  renew(lease: LeaseId, until: number): Promise<boolean>;
  /**
   * The incarnations whose lease has run out, or, where only one process can be, all but ours; and those that have left
   * and yet hold messages. They cannot renew any more.
   */
  dead(now: number, ours: LeaseId): Promise<readonly LeaseId[]>;
  /** Where an incarnation that lives stands among all that do. */
  place(lease: LeaseId): Promise<Place>;
  /** Forgets an incarnation; one that still holds messages stays, to be found dead. */
  leave(lease: LeaseId): Promise<void>;
}

// ——— history ————————————————————————————————————————————————————————————————————————————————————————————————

export interface History {
  message(id: MessageId, account?: AccountId): Promise<MessageView | undefined>;
  attempts(id: MessageId): Promise<readonly AttemptRecord[]>;
  /** `gone` once retention removed it. */
  body(id: MessageId, account?: AccountId): Promise<Buffer | 'gone' | undefined>;
  /**
   * Newest first; `cursor` is `next` of the page before. With `maxScan` a search may stop after looking at about so
   * many messages: its page is then short, or empty, and the next one goes on from there.
   */
  list(
    filter: MessageFilter,
    page: { cursor?: string; limit: number; maxScan?: number },
  ): Promise<Page<MessageView>>;
  /** How many messages match, counting no further than `atMost`. */
  count(filter: MessageFilter, atMost: number): Promise<number>;
  /** Events with a greater seq than `after` (`0`: from the oldest that is kept), oldest first; with `types` only these. */
  events(request: {
    after: string;
    limit: number;
    account?: AccountId;
    messageId?: MessageId;
    types?: readonly EventType[];
  }): Promise<readonly Event[]>;
  /** Appends an event that has no message (`alert`). */
  record(event: { at: number; type: EventType; provider?: ProviderId; data: EventData }): Promise<void>;
  /** How far a reader of the event log has come, `0` when it never began; and where it has come to now. */
  cursor(reader: string): Promise<string>;
  keepCursor(reader: string, seq: string): Promise<void>;
  /** Seq of the newest event, `0` when there is none. */
  newest(): Promise<string>;
  /** Calls the listener soon after events were committed, on any node; returns how to stop. */
  onEvents(listener: () => void): () => void;
}

/** How long the parts of ended messages are kept, in ms from their end. Never touches what is not terminal. */
export interface Retention {
  readonly deliveredBodyMs: number;
  readonly otherBodyMs: number;
  /** Also of sent items, from when their message was accepted. */
  readonly eventMs: number;
  /** Development mode: only the newest so many messages. */
  readonly newestMessages?: number;
}
