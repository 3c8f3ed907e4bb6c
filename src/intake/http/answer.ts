import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Principal, Scope } from '../../core/account.ts';
import { AppError, asAppError } from '../../core/errors.ts';
import { type BodyReader, discardBody } from './body.ts';
import type { HttpContext } from './context.ts';
import type { Dialect, DialectReply, DialectRequest, RouteOf } from './dialect.ts';
import type { Operations } from './operations.ts';
import { toDialectRequest } from './request.ts';

/** Bytes of a body where its route names no other limit. */
export const DEFAULT_BODY_LIMIT = 32 * 1024 * 1024;

type Params = Readonly<Record<string, string>>;
type AnyRoute = RouteOf<keyof Operations>;

/** An answer that needs no operation. */
export interface Page {
  /** '' when it answers for no path in particular. */
  readonly path: string;
  /** Absent: anybody may see it. With a scope it may also be seen under the keyless rules. */
  readonly scope?: Scope;
  /** Throws AppError. */
  answer(request: DialectRequest): DialectReply | Promise<DialectReply>;
}

/** What comes of one request: credential, body, parse, operation, reply; and every refusal in the dialect's words. */
export interface Answerer {
  route(
    dialect: Dialect,
    route: AnyRoute,
    raw: IncomingMessage,
    response: ServerResponse,
    params: Params,
  ): Promise<void>;
  /** A page that is no route of a dialect, its errors said by `dialect`. */
  page(dialect: Dialect, page: Page, raw: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Lets those who only wait know that the gate closes; answers from here on close their connection. */
  close(): void;
  /** Whether an operation runs for a request on this socket. */
  isBusy(socket: object): boolean;
}

export function createAnswerer(context: HttpContext, bodies: BodyReader): Answerer {
  const running = new Map<AbortController, object>();
  let isClosing = false;

  async function runRoute(
    dialect: Dialect,
    route: AnyRoute,
    request: DialectRequest & { body: Buffer },
    raw: IncomingMessage,
    response: ServerResponse,
  ): Promise<DialectReply> {
    const principal = await admit(context, dialect, route.scope, request, raw);
    const takesBody = route.method !== 'GET';
    if (takesBody) request.body = await bodies.read(raw, response, route.bodyLimit ?? DEFAULT_BODY_LIMIT);
    try {
      const output = await operate(route, principal, request, raw, response);
      return await route.reply(output, request);
    } finally {
      bodies.release(request.body);
    }
  }

  async function operate<K extends keyof Operations>(
    route: RouteOf<K>,
    principal: Principal,
    request: DialectRequest,
    raw: IncomingMessage,
    response: ServerResponse,
  ): Promise<Operations[K]['output']> {
    const input = route.parse(request);
    const controller = new AbortController();
    const onClose = () => controller.abort();
    response.on('close', onClose);
    running.set(controller, raw.socket);
    try {
      return await context.operations[route.operation](principal, input, controller.signal);
    } finally {
      running.delete(controller);
      response.off('close', onClose);
    }
  }

  async function runPage(
    dialect: Dialect,
    page: Page,
    request: DialectRequest,
    raw: IncomingMessage,
  ): Promise<DialectReply> {
    if (page.scope !== undefined)
      await admit(context, { ...dialect, allowsKeyless: true }, page.scope, request, raw);
    return page.answer(request);
  }

  async function answer(
    dialect: Dialect,
    pattern: string,
    request: DialectRequest,
    raw: IncomingMessage,
    response: ServerResponse,
    make: () => DialectReply | Promise<DialectReply>,
  ): Promise<void> {
    const startedAt = performance.now();
    let reply: DialectReply;
    try {
      reply = await make();
    } catch (error) {
      if (!(error instanceof AppError)) {
        // Never the URL as it came: its query may hold a credential.
        context.log.error(
          { err: error, dialect: dialect.name, method: raw.method, route: pattern },
          'a request met a bug',
        );
      }
      reply = dialect.sayError(asAppError(error), request);
    }
    writeReply(raw, response, reply, isClosing);
    context.observe?.({
      dialect: dialect.name,
      route: pattern,
      status: reply.status,
      durationMs: performance.now() - startedAt,
    });
  }

  return {
    route(dialect, route, raw, response, params) {
      const request = toDialectRequest(raw, params, context.now());
      return answer(dialect, route.path, request, raw, response, () =>
        runRoute(dialect, route, request, raw, response),
      );
    },
    page(dialect, page, raw, response) {
      const request = toDialectRequest(raw, {}, context.now());
      return answer(dialect, page.path, request, raw, response, () => runPage(dialect, page, request, raw));
    },
    close() {
      isClosing = true;
      for (const controller of running.keys()) controller.abort();
    },
    isBusy: socket => [...running.values()].includes(socket),
  };
}

/** Who asks: by credential, or without one where the dialect and the keyless rules allow it. */
async function admit(
  context: HttpContext,
  dialect: Dialect,
  scope: Scope,
  request: DialectRequest,
  raw: IncomingMessage,
): Promise<Principal> {
  const facts = { peer: raw.socket.remoteAddress ?? '', headers: request.headers };
  const credential = dialect.credential(request);
  let principal: Principal | undefined;
  if (credential !== undefined)
    principal = await context.authenticate(credential, context.clientAddress(facts));
  else if (dialect.allowsKeyless) principal = await context.keyless(facts);
  if (principal === undefined) throw unauthenticated(credential !== undefined);
  if (!principal.scopes.includes(scope)) {
    throw new AppError('forbidden', `The key does not have the scope "${scope}" that this needs`);
  }
  return principal;
}

function unauthenticated(wasPresented: boolean): AppError {
  return new AppError(
    'unauthenticated',
    wasPresented ? 'The key is wrong or was revoked' : 'A key is needed: send "Authorization: Bearer <key>"',
  );
}

function writeReply(
  raw: IncomingMessage,
  response: ServerResponse,
  reply: DialectReply,
  isLast: boolean,
): void {
  if (response.destroyed || response.headersSent) return;
  const headers: Record<string, string | number> = { ...reply.headers };
  if (reply.status !== 204)
    headers['content-length'] = reply.body === undefined ? 0 : Buffer.byteLength(reply.body);
  if (isLast) headers['connection'] = 'close';
  response.writeHead(reply.status, headers);
  response.end(reply.body);
  if (!raw.complete) discardBody(raw);
}
