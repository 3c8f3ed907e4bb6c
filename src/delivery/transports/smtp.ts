import type { Encryption } from '../../core/provider.ts';
import { toSevenBit } from '../../mime/eight-bit.ts';
import { createDialer, type Dial } from '../../net/dial.ts';
import type { Credentials } from '../../smtp-client/auth.ts';
import { createPool } from '../../smtp-client/connection-pool.ts';
import type { OpenSession } from '../../smtp-client/open-session.ts';
import { type SmtpEndpoint, STAGE_TIMEOUTS, type StageTimeouts } from '../../smtp-client/smtp-endpoint.ts';
import type { Transport } from '../transport.ts';
import { checkSmtp } from './check-smtp.ts';

export interface SmtpTransportOptions {
  /** Host name (A-labels) or IP address. */
  readonly host: string;
  readonly port: number;
  /** As a provider has it; `opportunistic`: STARTTLS where it is offered, and then it must succeed. */
  readonly encryption: Encryption | 'opportunistic';
  /** Both '' = no AUTH. */
  readonly username: string;
  readonly password: string;
  /** An OAuth 2 access token in place of the password (XOAUTH2). */
  readonly accessToken?: string;
  /** Credentials may cross the network unencrypted; off unless given. */
  readonly allowsAuthInClear?: boolean;
  /** A server that offers no AUTH at all gets the mail without; off unless given. */
  readonly isAuthOptional?: boolean;
  /** PEM of the only certification authority to trust; absent: the system's. */
  readonly caPem?: string;
  /** Connections at once. */
  readonly maxConnections: number;
  /** How many of them are ours now, where other gates use the same server; absent: all. */
  readonly shareOf?: (connections: number) => number;
  /** What we call ourselves in EHLO. */
  readonly hostName: string;
  /** How to open a TCP connection; absent: to whatever address the system resolves the host to. */
  readonly dial?: Dial;
  /** In place of RFC 5321's. */
  readonly timeouts?: Partial<StageTimeouts>;
  /** Told of each session that was opened. */
  readonly onSession?: (session: OpenSession) => void;
}

const IDLE_MS = 30_000;
const MAX_MESSAGES = 1_000;
const MAX_AGE_MS = 600_000;
const PATIENCE_MS = 10_000;
const GROWTH_PAUSE_MS = 5_000;

/** The way out through an SMTP server. The password stays in here and in what goes over the wire. */
export function createSmtpTransport(options: SmtpTransportOptions): Transport {
  const server = serverOf(options);
  const dial = options.dial ?? createDialer();
  const timeouts = { ...STAGE_TIMEOUTS, ...options.timeouts };
  const pool = createPool({
    server,
    dial,
    timeouts,
    toSevenBit,
    maxConnections: options.maxConnections,
    idleMs: IDLE_MS,
    maxMessages: MAX_MESSAGES,
    maxAgeMs: MAX_AGE_MS,
    patienceMs: PATIENCE_MS,
    growthPauseMs: GROWTH_PAUSE_MS,
    ...(options.shareOf && { shareOf: options.shareOf }),
    ...(options.onSession && { onSession: options.onSession }),
  });
  return {
    get capacity() {
      return pool.capacity;
    },
    send: (parcel, options) => pool.send(parcel, options),
    check: signal => checkSmtp({ server, dial, timeouts, signal }),
    close: () => pool.close(),
  };
}

function serverOf(options: SmtpTransportOptions): SmtpEndpoint {
  const credentials = credentialsOf(options);
  return {
    host: options.host,
    port: options.port,
    encryption: options.encryption,
    clientName: options.hostName,
    allowsAuthInClear: options.allowsAuthInClear ?? false,
    isAuthOptional: options.isAuthOptional ?? false,
    ...(credentials && { credentials }),
    ...(options.caPem !== undefined && { caPem: options.caPem }),
  };
}

function credentialsOf({ username, password, accessToken }: SmtpTransportOptions): Credentials | undefined {
  if (accessToken !== undefined) return { username, accessToken };
  return username === '' && password === '' ? undefined : { username, password };
}
