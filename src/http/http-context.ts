import type { Principal } from '../core/account.ts';
import type { MailAddress } from '../core/temp-mail.ts';
import type { PresentedSession } from '../core/user.ts';
import type { Credential, Dialect } from '../dialects/dialect.ts';
import type { Handlers } from '../operations/operations.ts';
import type { CallerFacts } from './caller-rules.ts';

/** An answered request, for the metrics. */
export interface Answered {
  readonly dialect: string;
  /** The pattern of the route, never the path of the request; '' when no route matched. */
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
}

/** Everything that the HTTP server needs from the other parts of the gate. */
export interface HttpContext {
  /** In the order in which they are asked to own a path. The last one owns every path. */
  readonly dialects: readonly Dialect[];
  readonly operations: Handlers;
  /** Returns the principal of a credential; undefined when it is wrong. May throw AppError `rate_limited`. */
  authenticate(
    credential: Extract<Credential, { kind: 'key' }>,
    clientAddress: string,
  ): Principal | undefined | Promise<Principal | undefined>;
  /** Returns the user of a session; undefined when it has ended. Throws `forbidden` without the CSRF token. */
  sessionOf(presented: PresentedSession): Promise<Principal | undefined>;
  /** Returns the temp-mail address of a JWT; undefined when the JWT is invalid. May throw any AppError. */
  addressOf(token: string, clientAddress: string): Promise<MailAddress | undefined>;
  /** Returns true for an admin password of temp-mail. May throw AppError `rate_limited`. */
  isTempMailAdmin(password: string, clientAddress: string): boolean | Promise<boolean>;
  /** Counts a failed login that a dialect detected itself. May throw AppError `rate_limited`. */
  noteWrong(clientAddress: string): void;
  /** Returns the principal of a request without credential; undefined when the caller rules do not permit it. */
  keyless(facts: CallerFacts): Principal | undefined | Promise<Principal | undefined>;
  /** `isKeyless` of caller-rules.ts. */
  isKeyless(facts: CallerFacts): boolean;
  /** `clientAddress` and `isSecure` of caller-rules.ts. */
  clientAddress(facts: CallerFacts): string;
  isSecure(facts: CallerFacts): boolean;
  /** Returns true if the store can be written now. */
  isReady(): boolean | Promise<boolean>;
  /** Returns the metrics in the text format of Prometheus. */
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>;
  /** Called after each answer; absent: answers are not counted. */
  observe?(answered: Answered): void;
  /** Epoch ms. */
  now(): number;
  readonly log: HttpLog;
  /** The program's version, for the API description. */
  readonly version: string;
  readonly limits?: Partial<HttpLimits>;
}

/** Receives errors that are bugs. A pino logger fits. */
export interface HttpLog {
  error(details: object, message: string): void;
}

export interface HttpLimits {
  /** Time from the first byte of a request to the end of its header, and to the end of its body. */
  readonly headerTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** Interval of the checks for these two time limits. */
  readonly timeoutCheckMs: number;
  /** Time until an idle connection is closed: between two requests, and during a request. */
  readonly keepAliveTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** More connections are dropped. */
  readonly maxConnections: number;
  /** Bytes of request bodies in memory, for all connections together. */
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
