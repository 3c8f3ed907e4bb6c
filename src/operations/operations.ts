import type { Account, AccountLimits, Key, KeyScope } from '../core/account.ts';
import type { Address } from '../core/address.ts';
import type { AppError } from '../core/errors.ts';
import type { Event, EventType } from '../core/event.ts';
import type { Content, Envelope, MessageId } from '../core/message.ts';
import type { Chaos, Encryption, Provider } from '../core/provider.ts';
import type { Accepted, Submission } from '../core/submission.ts';
import type { CheckReport } from '../delivery/transport.ts';
import type { AttemptRecord, MessageFilter, MessageView, Page } from '../store/store.ts';
import type { Client, Operation } from './operation.ts';
import type { ReportOperations } from './report-operations.ts';
import type { TempMailOperations } from './temp-mail-operations.ts';
import type { SessionOperations } from './user-operations.ts';

// What dialects are shown of the store's words; the store itself they never see.
export type {
  AttemptRecord,
  MessageFilter,
  MessageView,
  Page,
  RecipientView,
} from '../store/store.ts';
export type { Client } from './operation.ts';
export type { BounceReport, Counts, FigureQuery, Overview, ProviderHealth } from './report-operations.ts';
export type { ListedAddress } from './temp-mail-operations.ts';
export type { PublicUser, SessionState, SignIn } from './user-operations.ts';

/** A message with all that happened to it. */
export interface MessageStory {
  readonly message: MessageView;
  readonly attempts: readonly AttemptRecord[];
  readonly events: readonly Event[];
}

/** What would be sent and how, without sending. */
export interface Explanation {
  readonly envelope: { readonly sender: string; readonly recipients: readonly string[] };
  readonly mime: Buffer;
  /** Providers in the order in which they would be tried, each with why, and those left out with why not. */
  readonly route: readonly {
    readonly provider: PublicProvider;
    readonly isUsed: boolean;
    readonly reason: string;
  }[];
  readonly dueAt: number;
  readonly expiresAt: number;
}

/** A provider without its secrets. */
export type PublicProvider = Provider extends infer P
  ? P extends Provider
    ? Omit<P, 'sealedPassword'>
    : never
  : never;

/** What an operator may set of a provider; absent fields take their defaults, or keep their value in a change. */
export interface ProviderSettings {
  readonly kind?: Provider['kind'];
  readonly caption?: string | null;
  readonly isEnabled?: boolean;
  readonly priority?: number;
  readonly weight?: number;
  /** Null: no limit any more. */
  readonly maxPerSecond?: number | null;
  readonly maxPerMinute?: number | null;
  readonly maxPerHour?: number | null;
  readonly maxPerDay?: number | null;
  readonly senderDomains?: readonly string[];
  readonly maxRecipientsPerMessage?: number;
  readonly sendFrom?: string;
  readonly sendFromName?: string;
  readonly host?: string;
  readonly port?: number;
  readonly encryption?: Encryption;
  readonly username?: string;
  readonly password?: string;
  readonly maxConnections?: number;
  readonly caPem?: string | null;
  readonly directory?: string;
  /** Of an inbox; null: none any more. */
  readonly chaos?: Chaos | null;
}

/** A message that shows whether a provider delivers. */
export interface TestMail {
  readonly to: Address;
  /** Absent: the provider's default sender, or its user name where that is an address. */
  readonly from?: Address;
}

/** What is known of a provider that many have; null: it names no limit that holds for all. */
export interface ProviderPreset {
  readonly name: string;
  readonly caption: string;
  /** '' for an own server. */
  readonly host: string;
  readonly port: number;
  readonly encryption: Encryption;
  readonly username: string;
  readonly usernameHint: string;
  readonly passwordHint: string;
  readonly maxConnections: number;
  readonly maxPerSecond: number | null;
  readonly maxPerMinute: number | null;
  readonly maxPerDay: number | null;
  /** What people stumble over. */
  readonly note: string;
  /** Its own page about SMTP; '' where there is none. */
  readonly docs: string;
}

/** A key as it may be shown: without its hash. */
export type PublicKey = Omit<Key, 'hash'>;

/** What was done to a slice of messages, or how many there are. */
export type BulkResult =
  | { readonly count: number; readonly isExact: boolean }
  /** `next`: where the next slice starts; absent when this was the last one. */
  | { readonly done: number; readonly skipped: number; readonly next?: string };

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

/** An SMTP server that a caller names. */
export interface NamedServer {
  /** Host name or address, not checked against any policy yet. */
  readonly host: string;
  readonly port: number;
  /** `ssl`: TLS from the start; `tls`: STARTTLS required; `opportunistic`: STARTTLS if offered. */
  readonly encryption: 'ssl' | 'tls' | 'opportunistic';
}

/** Mail for a named server. */
export interface DirectMail {
  readonly dialect: string;
  readonly server: NamedServer;
  readonly username: string;
  readonly password: string;
  readonly envelope: Envelope;
  readonly content: Content;
}

/** What came of mail that went straight to a named server, and was accepted for one recipient at least. */
export interface DirectResult {
  /** As it was sent: the recipients in the order of the request. */
  readonly envelope: Envelope;
  readonly accepted: readonly Address[];
  readonly rejected: readonly Address[];
  /** The lines of the reply to EHLO, after the first. */
  readonly ehlo: readonly string[];
  /** From MAIL to the reply to the last RCPT; from DATA to the reply to the dot. */
  readonly envelopeMs: number;
  readonly messageMs: number;
  /** Bytes of the message. */
  readonly size: number;
  /** The reply to the dot as one line, with its code. */
  readonly response: string;
  readonly messageIdHeader: string;
}

/** What came of mail that a named server did not take: a refusal to be said, not a bug. */
export interface DirectFailure {
  readonly kind:
    | 'bad-credentials' // it answered 535 to AUTH
    | 'refused' // no connection, no TLS, or nobody and nothing accepted
    | 'too-slow' // 60 s in all
    | 'unknown'; // the connection was lost or silent after the final dot
  /** One sentence, without secrets, without words of a banner or of TLS. */
  readonly sentence: string;
  /** `unknown` only: whether it was silence. */
  readonly timedOut?: boolean;
  /** The SMTP reply where it answered AUTH, MAIL, RCPT, DATA or the dot. */
  readonly response?: string;
}

/** All that a dialect can ask of the gate. Each acts for the principal of the request and within its account. */
export interface Operations extends TempMailOperations, SessionOperations, ReportOperations {
  submit: Operation<Submission, Accepted>;
  /** One result per submission, in their order: a refusal of one leaves the others standing. */
  submitBatch: Operation<readonly (Submission | AppError)[], readonly (Accepted | AppError)[]>;
  explain: Operation<Submission, Explanation>;
  message: Operation<{ id: MessageId }, MessageStory>;
  body: Operation<{ id: MessageId }, { mime: Buffer; message: MessageView }>;
  messages: Operation<{ filter: MessageFilter; cursor?: string; limit: number }, Page<MessageView>>;
  /** Waits up to `waitMs` for the first event when there is none yet. */
  events: Operation<
    { after: string; limit: number; waitMs: number },
    { events: readonly Event[]; cursor: string }
  >;
  cancel: Operation<{ id: MessageId }, MessageView>;
  retry: Operation<{ id: MessageId }, MessageView>;
  /** A slice of all messages that match, newest first; with `dryRun` they are only counted. */
  bulk: Operation<
    { action: 'retry' | 'cancel'; filter: MessageFilter; dryRun: boolean; cursor?: string },
    BulkResult
  >;
  /** Development mode: deletes every message that has ended. */
  clearInbox: Operation<Record<string, never>, { deleted: number }>;
  /** The same content once more, to others. */
  resend: Operation<{ id: MessageId; recipients: readonly Address[] }, Accepted>;

  providers: Operation<Record<string, never>, readonly PublicProvider[]>;
  provider: Operation<{ id: number }, PublicProvider>;
  addProvider: Operation<ProviderSettings, PublicProvider>;
  changeProvider: Operation<{ id: number; settings: ProviderSettings }, PublicProvider>;
  /** `mayBeGone`: removing what is not there is no mistake. */
  removeProvider: Operation<{ id: number; mayBeGone?: true }, undefined>;
  /** Paused, its mail waits. */
  pauseProvider: Operation<{ id: number; isPaused: boolean }, PublicProvider>;
  /** All of them. */
  pauseProviders: Operation<{ isPaused: boolean }, readonly PublicProvider[]>;
  /** With `mail` also that goes out, by no other provider: the stage `mail`. */
  checkProvider: Operation<{ id: number; mail?: TestMail }, CheckReport>;
  /** The same for one that is not saved; with `id` as a change of that one. */
  tryProvider: Operation<{ id?: number; settings: ProviderSettings; mail?: TestMail }, CheckReport>;
  providerPresets: Operation<Record<string, never>, readonly ProviderPreset[]>;

  keys: Operation<Record<string, never>, readonly PublicKey[]>;
  /** `account` by name; absent: the caller's own. */
  createKey: Operation<
    {
      /** Absent: the account of who asks. */
      account?: string;
      name: string;
      scopes: readonly KeyScope[];
      /** Makes the account, which must not exist yet, with what it may send as. */
      newAccount?: { readonly allowedSenders: readonly string[] };
    },
    { key: PublicKey; secret: string }
  >;
  revokeKey: Operation<{ id: number }, PublicKey>;

  accounts: Operation<Record<string, never>, readonly PublicAccount[]>;
  addAccount: Operation<{ name: string; settings: AccountSettings }, ChangedAccount>;
  changeAccount: Operation<{ id: number; settings: AccountSettings }, ChangedAccount>;

  /** Seals all secrets with a new key and forgets the old one; gives how many there were. */
  rotateSecretKey: Operation<Record<string, never>, { secrets: number; keyId: string }>;

  /** Straight to a server that the caller names: one attempt, nothing kept but an event. */
  sendDirect: Operation<DirectMail, DirectResult | DirectFailure, Client>;
}
