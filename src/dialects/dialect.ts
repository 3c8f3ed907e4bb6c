import type { AppError } from '../core/errors.ts';
import type { PresentedSession } from '../core/user.ts';
import type { Access } from '../operations/operation.ts';
import type { Operations } from '../operations/operations.ts';

/** A request as a dialect sees it: no framework, no socket. */
export interface DialectRequest {
  readonly method: string;
  /** Path without query, percent-decoded where that gives text. */
  readonly path: string;
  /** Named segments of the route's path, decoded; empty in errors. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Lower-case names; repeated fields joined as Node does. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The whole body, at most `bodyLimit` bytes; empty when there is none. */
  readonly body: Buffer;
  /** Epoch ms at which it arrived: a dialect has no clock of its own. */
  readonly at: number;
}

export interface DialectReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Absent: no body, Content-Length 0. Pieces are sent as they come. */
  readonly body?: string | Buffer | AsyncIterable<string>;
}

/** A credential as found in a request; the server has it verified. */
export type Credential =
  /** A Postern key, with the user name it came with where the API has one that matters. */
  | { readonly kind: 'key'; readonly key: string; readonly user?: string }
  /** A session of the dashboard. */
  | ({ readonly kind: 'session' } & PresentedSession)
  /** The JWT of a temp-mail address. */
  | { readonly kind: 'address'; readonly token: string }
  /** An admin password of temp-mail. */
  | { readonly kind: 'temp-mail admin'; readonly password: string };

/** For the API description at /openapi.json. */
export interface RouteDescription {
  /** The heading under which it stands. */
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** JSON Schema of the body (typebox). */
  readonly body?: object;
  /** Query parameters, with what they do. */
  readonly query?: Readonly<Record<string, string>>;
  /** Request headers that matter, with what they do. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly replies: Readonly<Record<number, { readonly description: string; readonly schema?: object }>>;
}

/** One route: the request becomes the input of an operation, its output becomes the reply. */
export interface RouteOf<K extends keyof Operations> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With `:name` segments. */
  readonly path: string;
  /** One of those that the operation permits: what is not permitted does not compile. */
  readonly access: Operations[K]['access'];
  readonly operation: K;
  /** Bytes; absent: 32 MiB. */
  readonly bodyLimit?: number;
  /** Where `credential` finds none before the body was read, it is asked again after. */
  readonly credentialMayBeInBody?: true;
  /** Throws AppError, and nothing else, for any request whatever. */
  parse(request: DialectRequest): Operations[K]['input'] | Promise<Operations[K]['input']>;
  reply(output: Operations[K]['output'], request: DialectRequest): DialectReply | Promise<DialectReply>;
  /** Absent: left out of the API description. */
  readonly description?: RouteDescription;
}

export type Route = { [K in keyof Operations]: RouteOf<K> }[keyof Operations];

/** Defines a route. The compiler checks its access, input and output against its operation. */
export function route<K extends keyof Operations>(definition: RouteOf<K>): RouteOf<K> {
  return definition;
}

/** An HTTP API spoken to clients: pure translation, no store, no clock, no framework types. */
export interface Dialect {
  /** Also recorded with every message. */
  readonly name: string;
  /** Whether a path is this dialect's to answer, known sub-path or not. Asked in the order of dialects.ts. */
  owns(path: string): boolean;
  readonly routes: readonly Route[];
  /** Whether a request without a credential may be let in by the keyless rules (access.ts). */
  readonly allowsKeyless: boolean;
  /**
   * What comes before all else, for every path of the dialect, known or not: throws the AppError that answers. An
   * `unauthenticated` counts as a wrong credential of its caller. Absent: nothing does.
   */
  enter?(request: DialectRequest): void;
  /** What is asked of who calls, before a path or method that is not there is said to be none. Absent: nothing is. */
  accessOfUnrouted?(path: string): Access;
  /** The credential of a request, undefined when it presents none; AppError when it is unreadable. */
  credential(request: DialectRequest): Credential | undefined | Promise<Credential | undefined>;
  /** Header fields of every reply, refusals too: what lets pages of other sites call. Absent: none. */
  readonly everyReply?: Readonly<Record<string, string>>;
  /** Those that OPTIONS has besides, on every path, with 204. Absent: OPTIONS is a method like others. */
  readonly preflight?: Readonly<Record<string, string>>;
  /** JSON Schema of an error's body, for the API description; absent: a line of text. */
  readonly errorSchema?: object;
  /** Says an error in this API's words; never a 2xx. */
  sayError(error: AppError, request: DialectRequest): DialectReply;
}
