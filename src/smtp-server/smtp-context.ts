import type { LogIn } from '../operations/smtp-sender.ts';
import type { Certificate } from './certificate.ts';
import type { MessageMemory } from './message-memory.ts';

/** Time limits in ms. */
export interface SmtpTimeouts {
  /** For the TLS handshake. */
  readonly tlsMs: number;
  /** For a complete command line, and for the client to read replies (RFC 5321 4.5.3.2.7). */
  readonly commandMs: number;
  /** From the connection to a successful AUTH. */
  readonly loginMs: number;
  /** During a message, at least `dataWindowBytes` octets must arrive in each window of this length. */
  readonly dataWindowMs: number;
  readonly dataWindowBytes: number;
}

export const SMTP_TIMEOUTS: SmtpTimeouts = {
  tlsMs: 30_000,
  commandMs: 300_000,
  loginMs: 120_000,
  dataWindowMs: 60_000,
  dataWindowBytes: 8 * 1024,
};

/** Receives bugs and failed logins. A pino logger fits. */
export interface SmtpLog {
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** What all connections share. */
export interface SmtpContext {
  readonly hostName: string;
  readonly maxMessageBytes: number;
  readonly maxRecipients: number;
  readonly maxAuthTries: number;
  /** Absent: no TLS. */
  readonly certificate?: Certificate;
  /** True: AUTH works without TLS although there is a certificate, or from other machines without a certificate. */
  readonly allowAuthInClear: boolean;
  readonly logIn: LogIn;
  readonly memory: MessageMemory;
  readonly timeouts: SmtpTimeouts;
  /** Epoch ms. */
  readonly now: () => number;
  readonly log: SmtpLog;
}
