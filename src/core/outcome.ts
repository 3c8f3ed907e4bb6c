/**
 * How far an SMTP transaction got. Other transports use the phases that fit them. `dot`: the terminator was passed to the
 * kernel, and no complete reply to it was read. `done`: the reply to the dot was read.
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

/** An SMTP reply. `text`: all lines joined by spaces, without the enhanced code and control characters, at most 500 characters. */
export interface Reply {
  readonly code: number;
  /** RFC 3463 `class.subject.detail`, if the server sent one whose class matches `code`. */
  readonly enhanced?: string;
  readonly text: string;
}

/** Writes a reply on one line, as in the SMTP connection. */
export function formatReplyLine({ code, enhanced, text }: Reply): string {
  return [code, enhanced, text].filter(Boolean).join(' ');
}

/** The facts of one attempt, as the transport observed them. `judge` decides what they mean. */
export interface Transmission {
  readonly phase: Phase;
  /** The reply that ended the attempt: to the dot for `done`, else the refusal. Absent when the connection failed. */
  readonly reply?: Reply;
  /** The error when there is no reply (timeout, lost connection, TLS, DNS): one sentence without secrets. */
  readonly error?: string;
  /** The reply to each RCPT, by the index of the recipient in the envelope. Shorter or empty if RCPT was not reached. */
  readonly recipients: readonly (Reply | undefined)[];
  /** Host, address and port of the server, as far as known. */
  readonly remote?: string;
  /** Enhanced code of our own refusal to send: 5.6.3 no 8BITMIME, 5.6.7 no SMTPUTF8, 5.3.4 over SIZE. Then there is no reply. */
  readonly refusal?: string;
  /** True if leaf parts were re-encoded because the server does not offer 8BITMIME. */
  readonly converted?: boolean;
}

/** The meaning of an attempt for one recipient. */
export type Outcome =
  | { readonly kind: 'delivered'; readonly reply?: Reply; readonly assumed?: true }
  /** Not accepted, and may be tried again: here later, at another provider now, or here at once (452, too many recipients). */
  | {
      readonly kind: 'retry';
      readonly where: 'later' | 'elsewhere' | 'at-once';
      readonly reply?: Reply;
      readonly error?: string;
    }
  /** Not accepted, and a new attempt here would be refused too. `by`: the server refused it, or the gate did before it asked. */
  | {
      readonly kind: 'reject';
      readonly by: 'far-end' | 'us';
      readonly elsewhere: boolean;
      readonly reply?: Reply;
      readonly error?: string;
    }
  /** It may have been accepted: no reply to the dot was read. */
  | { readonly kind: 'unknown'; readonly error: string };

/**
 * What an attempt shows about the provider itself. `good`: it works. `none`: nothing. `trouble`: the connection failed.
 * `bad-credentials`: AUTH was refused. `closing`: the server answered 421.
 */
export type HealthSignal = 'good' | 'none' | 'trouble' | 'bad-credentials' | 'closing';

/** Terminal: delivered, bounced, failed, expired, cancelled. `unknown` is terminal when no retry is due. */
export type RecipientState =
  | 'queued'
  | 'deferred'
  | 'delivered'
  | 'bounced'
  | 'failed'
  | 'expired'
  | 'cancelled'
  | 'unknown';
