import type { Key, Scope } from '../../core/account.ts';
import type { AppError } from '../../core/errors.ts';
import type { Event } from '../../core/event.ts';
import type { MessageId } from '../../core/message.ts';
import type { Encryption, Provider } from '../../core/provider.ts';
import type { Accepted, Submission } from '../../core/submission.ts';
import type { CheckReport } from '../../delivery/transport.ts';
import type { AttemptRecord, MessageFilter, MessageView, Page } from '../../store/store.ts';

// What dialects are shown of the store's words; the store itself they never see.
export type { AttemptRecord, MessageFilter, MessageView, Page, RecipientView } from '../../store/store.ts';

/** How one operation is called and what it gives; refusals are thrown AppErrors. */
interface Operation<Input, Output> {
  readonly input: Input;
  readonly output: Output;
}

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
}

/** A key as it may be shown: without its hash. */
export type PublicKey = Omit<Key, 'hash'>;

/** All that a dialect can ask of the gate. Each acts for the principal of the request and within its account. */
export interface Operations {
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

  providers: Operation<Record<string, never>, readonly PublicProvider[]>;
  provider: Operation<{ id: number }, PublicProvider>;
  addProvider: Operation<ProviderSettings, PublicProvider>;
  changeProvider: Operation<{ id: number; settings: ProviderSettings }, PublicProvider>;
  removeProvider: Operation<{ id: number }, undefined>;
  checkProvider: Operation<{ id: number }, CheckReport>;

  keys: Operation<Record<string, never>, readonly PublicKey[]>;
  /** `account` by name; absent: the caller's own. */
  createKey: Operation<
    {
      /** Absent: the account of who asks. */
      account?: string;
      name: string;
      scopes: readonly Scope[];
      /** Makes the account, which must not exist yet, with what it may send as. */
      newAccount?: { readonly allowedSenders: readonly string[] };
    },
    { key: PublicKey; secret: string }
  >;
  revokeKey: Operation<{ id: number }, PublicKey>;
}
