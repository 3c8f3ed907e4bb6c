import type { Encryption } from '../core/provider.ts';
import type { Credentials } from './auth.ts';

/** An SMTP server as we are told to talk to it. */
export interface SmtpEndpoint {
  /** Host name (A-labels) or IP address; also the name its certificate must have. */
  readonly host: string;
  readonly port: number;
  /** `opportunistic`: STARTTLS where it is offered, and then it must succeed. */
  readonly encryption: Encryption | 'opportunistic';
  /** Absent: no AUTH. */
  readonly credentials?: Credentials;
  /** A server that offers no AUTH at all gets the mail without; off unless given. */
  readonly isAuthOptional?: boolean;
  /** PEM of the only certification authority to trust; absent: the system's. */
  readonly caPem?: string;
  /** What we call ourselves in EHLO: a host name or an address literal. */
  readonly clientName: string;
  /** Credentials may cross the network unencrypted. */
  readonly allowsAuthInClear: boolean;
}

/** How long each stage may take, in ms. */
export interface StageTimeouts {
  readonly dnsMs: number;
  readonly connectMs: number;
  readonly greetingMs: number;
  readonly tlsMs: number;
  /** EHLO, STARTTLS, AUTH, NOOP, MAIL, RCPT: each reply. */
  readonly commandMs: number;
  readonly dataMs: number;
  /** Until the kernel has taken a block of the message. */
  readonly blockMs: number;
  /** For the reply to the final dot. */
  readonly dotMs: number;
}

/** RFC 5321 4.5.3.2; it has no say on the first two and on TLS. */
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
