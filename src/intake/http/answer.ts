import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Principal, Scope } from '../../core/account.ts';
import { AppError, asAppError } from '../../core/errors.ts';
import { type BodyReader, discardBody } from './body.ts';
import type { HttpContext } from './context.ts';
import type { Dialect, DialectReply, DialectRequest, RouteOf } from './dialect.ts';
import type { Operations } from './operations.ts';
import { toDialectRequest } from './request.ts';

/** Bytes of a body where its route names no other limit. */
const DEFAULT_BODY_LIMIT = 32 * 1024 * 1024;

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

/** A request on its way to its answer. */
interface Exchange {
  readonly dialect: Dialect;
  /** The pattern of the route or page. */
  readonly path: string;
  /** Its body is empty until it was read. */
  readonly request: DialectRequest & { body: Buffer };
  readonly raw: IncomingMessage;
  readonly response: ServerResponse;
}

export function createAnswerer(context: HttpContext, bodies: BodyReader): Answerer {
  const running = new Map<AbortController, object>();
  let isClosing = false;

  async function runRoute(exchange: Exchange, route: AnyRoute): Promise<DialectReply> {
    const { dialect, request, raw, response } = exchange;
    const principal = await admit(context, exchange, route.scope, dialect.allowsKeyless);
    const limit = route.bodyLimit ?? DEFAULT_BODY_LIMIT;
    if (route.method !== 'GET') request.body = await bodies.read(raw, response, limit);
    try {
      const output = await operate(exchange, route, principal);
      return await route.reply(output, request);
    } finally {
      bodies.release(request.body);
    }
  }

  async function operate<K extends keyof Operations>(
    { request, raw, response }: Exchange,
    route: RouteOf<K>,
    principal: Principal,
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

  async function runPage(exchange: Exchange, page: Page): Promise<DialectReply> {
    if (page.scope !== undefined) await admit(context, exchange, page.scope, true);
    return page.answer(exchange.request);
  }

  async function answer(exchange: Exchange, make: () => Promise<DialectReply>): Promise<void> {
    const { dialect, path, raw, response } = exchange;
    const startedAt = performance.now();
    const reply = await replyOf(exchange, make);
    writeReply(raw, response, reply, isClosing);
    const durationMs = performance.now() - startedAt;
    context.observe?.({ dialect: dialect.name, route: path, status: reply.status, durationMs });
  }

  async function replyOf(exchange: Exchange, make: () => Promise<DialectReply>): Promise<DialectReply> {
    const { dialect, path, request, raw } = exchange;
    try {
      refuseWithoutHost(raw);
      return await make();
    } catch (error) {
      if (!(error instanceof AppError)) {
        // The pattern and not the URL: a query may hold a credential.
        const facts = { err: error, dialect: dialect.name, method: raw.method, route: path };
        context.log.error(facts, 'a request met a bug');
      }
      return dialect.sayError(asAppError(error), request);
    }
  }

  return {
    route(dialect, route, raw, response, params) {
      const request = toDialectRequest(raw, params, context.now());
      const exchange = { dialect, path: route.path, request, raw, response };
      return answer(exchange, () => runRoute(exchange, route));
    },
    page(dialect, page, raw, response) {
      const request = toDialectRequest(raw, {}, context.now());
      const exchange = { dialect, path: page.path, request, raw, response };
      return answer(exchange, () => runPage(exchange, page));
    },
    close() {
      isClosing = true;
      for (const controller of running.keys()) controller.abort();
    },
    isBusy: socket => [...running.values()].includes(socket),
  };
}

/** RFC 9112 3.2. Node would refuse it too, but not in the dialect's words. */
function refuseWithoutHost({ headers, httpVersion }: IncomingMessage): void {
  if (headers.host === undefined && httpVersion === '1.1') {
    throw new AppError('malformed', 'The Host header field is missing.');
  }
}

/** Who asks: by credential, or without one where that is allowed and the keyless rules let it in. */
async function admit(
  context: HttpContext,
  { dialect, request, raw }: Exchange,
  scope: Scope,
  allowsKeyless: boolean,
): Promise<Principal> {
  const facts = { peer: raw.socket.remoteAddress ?? '', headers: request.headers };
  const credential = dialect.credential(request);
  let principal: Principal | undefined;
  if (credential !== undefined) {
    principal = await context.authenticate(credential, context.clientAddress(facts));
  } else if (allowsKeyless) {
    principal = await context.keyless(facts);
  }
  if (principal === undefined) throw unauthenticated(credential !== undefined);
  if (!principal.scopes.includes(scope)) {
    throw new AppError('forbidden', `The key does not have the scope "${scope}" that this needs.`);
  }
  return principal;
}

function unauthenticated(wasPresented: boolean): AppError {
  return new AppError(
    'unauthenticated',
    wasPresented
      ? 'The key is wrong or was revoked.'
      : 'A key is needed: send "Authorization: Bearer <key>".',
  );
}

function writeReply(
  raw: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: DialectReply,
  isLast: boolean,
): void {
  if (response.destroyed || response.headersSent) return;
  const length = body === undefined ? 0 : Buffer.byteLength(body);
  response.writeHead(status, {
    ...headers,
    ...(status !== 204 && { 'content-length': length }),
    ...(isLast && { connection: 'close' }),
  });
  response.end(body);
  if (!raw.complete) discardBody(raw);
}
