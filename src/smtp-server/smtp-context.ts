import type { LogIn } from '../operations/smtp-sender.ts';
import type { Certificate } from './certificate.ts';
import type { HeldBytes } from './held-bytes.ts';

/** How long is waited, in ms. */
export interface SmtpTimeouts {
  /** For the handshake. */
  readonly tlsMs: number;
  /** For a whole command line, and for the client to read replies (RFC 5321 4.5.3.2.7). */
  readonly commandMs: number;
  /** From the connection to a good AUTH. */
  readonly strangerMs: number;
  /** Within each of so many, `dataWindowBytes` octets of a message must come, or its end. */
  readonly dataWindowMs: number;
  readonly dataWindowBytes: number;
}

export const SMTP_TIMEOUTS: SmtpTimeouts = {
  tlsMs: 30_000,
  commandMs: 300_000,
  strangerMs: 120_000,
  dataWindowMs: 60_000,
  dataWindowBytes: 8 * 1024,
};

/** Where bugs and wrong credentials are reported; a pino logger is one. */
export interface SmtpLog {
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** What every conversation needs. */
export interface SmtpContext {
  readonly hostName: string;
  readonly maxMessageBytes: number;
  readonly maxRecipients: number;
  readonly maxAuthTries: number;
  /** Absent: no TLS. */
  readonly certificate?: Certificate;
  /** Take passwords without TLS although there is a certificate, or from other machines without one. */
  readonly allowAuthInClear: boolean;
  readonly logIn: LogIn;
  readonly held: HeldBytes;
  readonly timeouts: SmtpTimeouts;
  /** Epoch ms. */
  readonly now: () => number;
  readonly log: SmtpLog;
}
