/**
 * How far an SMTP transaction (or what stands for one) got. `dot`: the terminator was handed to the kernel and no
 * complete reply to it came back; `done`: the reply to the dot was read.
 */
export type Phase =
  | 'dns'
  | 'connect'
  | 'greeting'
  | 'tls'
  | 'ehlo'
  | 'auth'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'body'
  | 'dot'
  | 'done';

/** An SMTP reply as read. `text`: all lines joined with one space, enhanced code removed, controls replaced, ≤ 500 chars. */
export interface Reply {
  readonly code: number;
  /** RFC 3463 `class.subject.detail`, when the server sent one whose class agrees with `code`. */
  readonly enhanced?: string;
  readonly text: string;
}

/** A reply on one line, as the server said it. */
export function sayReply({ code, enhanced, text }: Reply): string {
  return [code, enhanced, text].filter(Boolean).join(' ');
}

/** The facts of one attempt, as a transport saw them; `judge` says what they mean. */
export interface Transmission {
  readonly phase: Phase;
  /** The reply that ended it: to the dot when `done`, else the refusal. Absent when the connection failed. */
  readonly reply?: Reply;
  /** What went wrong, one sentence without secrets, when there is no reply (time-out, connection lost, TLS, DNS). */
  readonly error?: string;
  /** The reply to each RCPT, by the index of the recipient in the envelope; shorter or empty when it did not get there. */
  readonly recipients: readonly (Reply | undefined)[];
  /** Host, address and port that were talked to, as far as known. */
  readonly remote?: string;
  /** Why we refused to hand it over at all (5.6.3 lacks 8BITMIME, 5.6.7 lacks SMTPUTF8, 5.3.4 over SIZE); then there is no reply. */
  readonly refusal?: string;
  /** True when leaf parts were re-encoded because the far end lacks 8BITMIME. */
  readonly converted?: boolean;
}

/** What an attempt means for one recipient. */
export type Outcome =
  | { readonly kind: 'delivered'; readonly reply?: Reply; readonly assumed?: true }
  /** Certainly not accepted, and may be tried again: here later, at another provider now, or here at once (452, too many recipients). */
  | {
      readonly kind: 'retry';
      readonly where: 'later' | 'elsewhere' | 'at-once';
      readonly reply?: Reply;
      readonly error?: string;
    }
  /** Certainly not accepted, and never will be here. `by`: the far end said so, or we could not even ask. */
  | {
      readonly kind: 'reject';
      readonly by: 'far-end' | 'us';
      readonly elsewhere: boolean;
      readonly reply?: Reply;
      readonly error?: string;
    }
  /** It may have been accepted: no reply to the dot came. */
  | { readonly kind: 'unknown'; readonly error: string };

/**
 * What an attempt says of the way out itself: it works; nothing; the connection is bad; the credentials are; the far
 * end is closing (421).
 */
export type LaneSign = 'good' | 'none' | 'trouble' | 'bad-credentials' | 'closing';

/** Terminal: delivered, bounced, failed, expired, cancelled; unknown is terminal once nothing more is due. */
export type RecipientState =
  | 'queued'
  | 'deferred'
  | 'delivered'
  | 'bounced'
  | 'failed'
  | 'expired'
  | 'cancelled'
  | 'unknown';
