import type { Encryption } from '../core/provider.ts';
import type { Credentials } from './auth.ts';

/** How to connect to an SMTP server. */
export interface SmtpEndpoint {
  /** Host name (A-labels) or IP address. The certificate must have this name. */
  readonly host: string;
  readonly port: number;
  /** `opportunistic`: STARTTLS if the server offers it. Then it must succeed. */
  readonly encryption: Encryption | 'opportunistic';
  /** Absent: no AUTH. */
  readonly credentials?: Credentials;
  /** True: a server that offers no AUTH gets the mail without authentication. Default: false. */
  readonly isAuthOptional?: boolean;
  /** PEM of the only trusted certification authority; absent: the authorities of the system. */
  readonly caPem?: string;
  /** Our name in EHLO: a host name or an address literal. */
  readonly clientName: string;
  /** True: credentials may be sent without TLS. */
  readonly allowsAuthInClear: boolean;
}

/** Time limit of each stage, in ms. */
export interface StageTimeouts {
  readonly dnsMs: number;
  readonly connectMs: number;
  readonly greetingMs: number;
  readonly tlsMs: number;
  /** For each reply to EHLO, STARTTLS, AUTH, NOOP, MAIL and RCPT. */
  readonly commandMs: number;
  readonly dataMs: number;
  /** Until the kernel has accepted a block of the message. */
  readonly blockMs: number;
  /** For the reply to the final dot. */
  readonly dotMs: number;
}

/** RFC 5321 4.5.3.2. It has no limits for DNS, connecting and TLS. */
export const STAGE_TIMEOUTS: StageTimeouts = {
  dnsMs: 10_000,
  connectMs: 30_000,
  greetingMs: 300_000,
  tlsMs: 30_000,
  commandMs: 300_000,
  dataMs: 120_000,
  blockMs: 180_000,
  dotMs: 600_000,
};
