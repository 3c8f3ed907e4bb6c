import type { Principal } from '../core/account.ts';
import type { MailAddress } from '../core/temp-mail.ts';
import type { PresentedSession } from '../core/user.ts';
import type { Credential, Dialect } from '../dialects/dialect.ts';
import type { Handlers } from '../operations/operations.ts';
import type { CallerFacts } from './caller-rules.ts';

/** A request that was answered, for metrics. */
export interface Answered {
  readonly dialect: string;
  /** The route's pattern, never the path; '' when there was none. */
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
}

/** All that the HTTP server needs from the rest of the gate. */
export interface HttpContext {
  /** In the order in which they are asked for a path; the last one owns every path. */
  readonly dialects: readonly Dialect[];
  readonly operations: Handlers;
  /** Whose credential it is; undefined when nobody's. May throw AppError `rate_limited`. */
  authenticate(
    credential: Extract<Credential, { kind: 'key' }>,
    clientAddress: string,
  ): Principal | undefined | Promise<Principal | undefined>;
  /** Who is signed in by a session; undefined when it has ended. Throws `forbidden` without its CSRF token. */
  sessionOf(presented: PresentedSession): Promise<Principal | undefined>;
  /** Whose JWT it is; undefined when no address's. May throw any AppError. */
  addressOf(token: string, clientAddress: string): Promise<MailAddress | undefined>;
  /** Whether it is an admin password of temp-mail. May throw AppError `rate_limited`. */
  isTempMailAdmin(password: string, clientAddress: string): boolean | Promise<boolean>;
  /** Told of a wrong credential that a dialect found itself. May throw AppError `rate_limited`. */
  noteWrong(clientAddress: string): void;
  /** For whom a request without credential acts; undefined when the rules of access.ts do not let it in. */
  keyless(facts: CallerFacts): Principal | undefined | Promise<Principal | undefined>;
  /** `isKeyless` of access.ts. */
  isKeyless(facts: CallerFacts): boolean;
  /** `clientAddress` and `isSecure` of access.ts. */
  clientAddress(facts: CallerFacts): string;
  isSecure(facts: CallerFacts): boolean;
  /** Whether the store can be written now. */
  isReady(): boolean | Promise<boolean>;
  /** The registry's metrics in the text format of Prometheus. */
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>;
  /** Called after each answer; absent: nobody counts. */
  observe?(answered: Answered): void;
  /** Epoch ms. */
  now(): number;
  readonly log: HttpLog;
  /** The program's version, for the API description. */
  readonly version: string;
  readonly limits?: Partial<HttpLimits>;
}

/** Where bugs are reported; a pino logger is one. */
export interface HttpLog {
  error(details: object, message: string): void;
}

export interface HttpLimits {
  /** From the first byte of a request to the end of its header, and to the end of its body. */
  readonly headerTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** How often connections are looked at for these two. */
  readonly timeoutCheckMs: number;
  /** A connection between two requests, and one on which nothing moves during one. */
  readonly keepAliveTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** Further connections are dropped. */
  readonly maxConnections: number;
  /** Bytes of request bodies held at once, all connections together. */
  readonly maxHeldBytes: number;
}

export const DEFAULT_LIMITS: HttpLimits = {
  headerTimeoutMs: 15_000,
  requestTimeoutMs: 120_000,
  timeoutCheckMs: 5_000,
  keepAliveTimeoutMs: 65_000,
  idleTimeoutMs: 120_000,
  maxConnections: 10_000,
  maxHeldBytes: 256 * 1024 * 1024,
};
