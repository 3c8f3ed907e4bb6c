import type { Address } from '../core/address.ts';
import type { AppError } from '../core/errors.ts';
import type { Event } from '../core/event.ts';
import type { MessageId } from '../core/message.ts';
import type { AttemptRecord, MessageFilter, MessageView, Page } from '../core/message-view.ts';
import type { PublicProvider } from '../core/provider.ts';
import type { Accepted, Submission } from '../core/submission.ts';
import type { Operation } from './operation.ts';

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

/** What was done to a slice of messages, or how many there are. */
export type BulkResult =
  | { readonly count: number; readonly isExact: boolean }
  /** `next`: where the next slice starts; absent when this was the last one. */
  | { readonly done: number; readonly skipped: number; readonly next?: string };

/** Messages: hand them in, follow them, act on them. */
export interface MessageOperations {
  submit: Operation<Submission, Accepted, 'send'>;
  /** One result per submission, in their order: the refusal of one does not affect the others. */
  submitBatch: Operation<readonly (Submission | AppError)[], readonly (Accepted | AppError)[], 'send'>;
  explain: Operation<Submission, Explanation, 'send'>;
  message: Operation<{ id: MessageId }, MessageStory, 'read'>;
  body: Operation<{ id: MessageId }, { mime: Buffer; message: MessageView }, 'read'>;
  messages: Operation<{ filter: MessageFilter; cursor?: string; limit: number }, Page<MessageView>, 'read'>;
  /** Waits up to `waitMs` for the first event when there is none yet. */
  events: Operation<
    { after: string; limit: number; waitMs: number },
    { events: readonly Event[]; cursor: string },
    'read'
  >;
  cancel: Operation<{ id: MessageId }, MessageView, 'send'>;
  retry: Operation<{ id: MessageId }, MessageView, 'send'>;
  /** A slice of all messages that match, newest first; with `dryRun` they are only counted. */
  bulk: Operation<
    { action: 'retry' | 'cancel'; filter: MessageFilter; dryRun: boolean; cursor?: string },
    BulkResult,
    'operate'
  >;
  /** Development mode: deletes every message that has ended. */
  clearInbox: Operation<Record<string, never>, { deleted: number }, 'manage'>;
  /** Sends the same content again, to other recipients. */
  resend: Operation<{ id: MessageId; recipients: readonly Address[] }, Accepted, 'operate'>;
}
