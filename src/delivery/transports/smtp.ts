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
  /** As set for a provider. `opportunistic`: STARTTLS where the server offers it; it must succeed then. */
  readonly encryption: Encryption | 'opportunistic';
  /** When user name and password are both '', AUTH is not used. */
  readonly username: string;
  readonly password: string;
  /** An OAuth 2 access token in place of the password (XOAUTH2). */
  readonly accessToken?: string;
  /** Credentials may be sent unencrypted; default false. */
  readonly allowsAuthInClear?: boolean;
  /** Mail is sent without AUTH to a server that does not offer it; default false. */
  readonly isAuthOptional?: boolean;
  /** PEM of the only certification authority that is trusted; absent: those of the system. */
  readonly caPem?: string;
  /** Connections at the same time, for all nodes together. */
  readonly maxConnections: number;
  /** The part of them for this node; absent: all. */
  readonly shareOf?: (connections: number) => number;
  /** The host name for EHLO. */
  readonly hostName: string;
  /** Opens a TCP connection; absent: to the addresses that the system resolves the host name to. */
  readonly dial?: Dial;
  /** Override those of RFC 5321, 4.5.3.2. */
  readonly timeouts?: Partial<StageTimeouts>;
  /** Called with each session that was opened. */
  readonly onSession?: (session: OpenSession) => void;
}

/** A connection closes after so long without a message, after so many messages, and at this age. */
const IDLE_MS = 30_000;
const MAX_MESSAGES = 1_000;
const MAX_AGE_MS = 600_000;
/** A message that waits so long for the reply to the dot of the one before it moves to another connection. */
const MAX_WAIT_BEHIND_DOT_MS = 10_000;
/** Pause after a further connection could not be opened. */
const GROWTH_PAUSE_MS = 5_000;

/** Sends through an SMTP server. The password goes nowhere but to that server. */
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
    followerTimeoutMs: MAX_WAIT_BEHIND_DOT_MS,
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
