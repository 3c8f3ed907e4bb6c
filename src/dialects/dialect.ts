import type { AppError } from '../core/errors.ts';
import type { PresentedSession } from '../core/user.ts';
import type { Access } from '../operations/operation.ts';
import type { Operations } from '../operations/operations.ts';

/** A request without types of the HTTP framework. */
export interface DialectRequest {
  readonly method: string;
  /** The path without the query. It is percent-decoded if the result is valid UTF-8. */
  readonly path: string;
  /** The decoded values of the route's `:name` segments. Empty if no route matched. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Names are in lower case. Node has joined repeated fields. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The whole body, at most `bodyLimit` bytes; empty without a body. */
  readonly body: Buffer;
  /** The time of arrival in epoch ms: dialects do not read the clock. */
  readonly at: number;
}

export interface DialectReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Absent: no body, Content-Length 0. The pieces of an iterable are sent immediately. */
  readonly body?: string | Buffer | AsyncIterable<string>;
}

/** A credential in a request, before the HTTP server has verified it. */
export type Credential =
  /** A Postern key. `user` is present if the API checks the user name. */
  | { readonly kind: 'key'; readonly key: string; readonly user?: string }
  /** A session of the dashboard. */
  | ({ readonly kind: 'session' } & PresentedSession)
  /** The JWT of a temp-mail address. */
  | { readonly kind: 'address'; readonly token: string }
  /** An admin password of temp-mail. */
  | { readonly kind: 'temp-mail admin'; readonly password: string };

/** The description of a route in /openapi.json. */
export interface RouteDescription {
  /** The section in which it is listed. */
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** JSON Schema of the body (typebox). */
  readonly body?: object;
  /** Query parameters and their meaning. */
  readonly query?: Readonly<Record<string, string>>;
  /** Request headers and their meaning. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly replies: Readonly<Record<number, { readonly description: string; readonly schema?: object }>>;
}

/** A route translates a request to the input of one operation, and the output of the operation to a reply. */
export interface RouteOf<K extends keyof Operations> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** May contain `:name` segments. */
  readonly path: string;
  /** An access that the operation permits. Any other does not compile. */
  readonly access: Operations[K]['access'];
  readonly operation: K;
  /** The largest body in bytes; absent: 32 MiB. */
  readonly bodyLimit?: number;
  /** If the headers have no credential, `credential` is called again after the body was read. */
  readonly credentialMayBeInBody?: true;
  /** Throws only AppError, for any request. */
  parse(request: DialectRequest): Operations[K]['input'] | Promise<Operations[K]['input']>;
  reply(output: Operations[K]['output'], request: DialectRequest): DialectReply | Promise<DialectReply>;
  /** Absent: the route is not in /openapi.json. */
  readonly description?: RouteDescription;
}

export type Route = { [K in keyof Operations]: RouteOf<K> }[keyof Operations];

/** Defines a route. The compiler checks its access, input and output against its operation. */
export function route<K extends keyof Operations>(definition: RouteOf<K>): RouteOf<K> {
  return definition;
}

/** The code of one HTTP API. It only translates: it uses no store, no clock and no types of the HTTP framework. */
export interface Dialect {
  /** Stored with each message as its `dialect`. */
  readonly name: string;
  /** Returns true if this dialect answers a path, also with 404. The server asks dialects in the order of dialects.ts. */
  owns(path: string): boolean;
  readonly routes: readonly Route[];
  /** Clients on trusted networks may call this API without a key. */
  readonly allowsKeyless: boolean;
  /**
   * Runs before routing, for every path of the dialect. It refuses a request by throwing AppError. The error
   * `unauthenticated` counts as a wrong credential of the client.
   */
  enter?(request: DialectRequest): void;
  /** The access that a caller needs before it gets 404 or 405 for an unknown path or method. Absent: none. */
  accessOfUnrouted?(path: string): Access;
  /** The credential of a request; undefined if it has none. Throws AppError if the credential is malformed. */
  credential(request: DialectRequest): Credential | undefined | Promise<Credential | undefined>;
  /** Header fields of all replies, also of errors, such as those of CORS. Absent: none. */
  readonly everyReply?: Readonly<Record<string, string>>;
  /** More header fields of the reply 204 to OPTIONS on any path. Absent: OPTIONS is handled like other methods. */
  readonly preflight?: Readonly<Record<string, string>>;
  /** JSON Schema of an error body, for /openapi.json; absent: errors are a line of text. */
  readonly errorSchema?: object;
  /** Formats an error as this API does. The status is never 2xx. */
  sayError(error: AppError, request: DialectRequest): DialectReply;
}
