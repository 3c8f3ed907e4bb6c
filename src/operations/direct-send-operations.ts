import type { Address } from '../core/address.ts';
import type { Content, Envelope } from '../core/message.ts';
import type { Operation } from './operation.ts';

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

/** Mail straight to a server that the caller names. */
export interface DirectSendOperations {
  /** One attempt; nothing is kept but an event. */
  sendDirect: Operation<DirectMail, DirectResult | DirectFailure, 'anyone'>;
}
