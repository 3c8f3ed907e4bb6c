import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Scope } from '../core/account.ts';
import { AppError, asAppError } from '../core/errors.ts';
import type { Credential, Dialect, DialectReply, DialectRequest, RouteOf } from '../dialects/dialect.ts';
import type { Access, Callers } from '../operations/operation.ts';
import type { Operations } from '../operations/operations.ts';
import { admit, type PresentedRequest } from './admit-caller.ts';
import type { BodyReader } from './body-reader.ts';
import type { CallerFacts } from './caller-rules.ts';
import type { HttpContext } from './http-context.ts';
import { toDialectRequest } from './request.ts';
import { writeReply } from './write-reply.ts';

/** Maximum bytes of a body, unless its route has another limit. */
const DEFAULT_BODY_LIMIT = 32 * 1024 * 1024;

/** Request and response as Node provides them, with the path parameters of the route. */
export interface RawExchange {
  readonly raw: IncomingMessage;
  readonly response: ServerResponse;
  readonly params: Readonly<Record<string, string>>;
}

/** A page: its answer needs no operation. */
export interface HttpPage {
  /** '' when the page answers for several paths. */
  readonly path: string;
  /** Absent: public. With a scope, the keyless rules can permit the page too. */
  readonly scope?: Scope;
  /** The access that the dialect of the page requires; absent: none. */
  readonly access?: Access;
  /** @throws AppError */
  answer(request: DialectRequest): DialectReply | Promise<DialectReply>;
}

/** Answers requests. The dialect writes all replies, errors too. */
export interface RequestHandler {
  /** Runs the operation of a route. */
  route<K extends keyof Operations>(
    dialect: Dialect,
    route: RouteOf<K>,
    exchange: RawExchange,
  ): Promise<void>;
  /** Answers with a page. `dialect` writes its errors. */
  page(dialect: Dialect, page: HttpPage, exchange: RawExchange): Promise<void>;
  /** Aborts the operations that wait for an event. From now on each reply closes its connection. */
  close(): void;
  /** Returns true while an operation runs for a request on this socket. */
  isBusy(socket: object): boolean;
}

/** What all exchanges share. */
interface Server {
  readonly context: HttpContext;
  readonly bodies: BodyReader;
  /** The running operations, each with the socket of its request. */
  readonly running: Map<AbortController, object>;
  /** True: each reply closes its connection. */
  isClosing: boolean;
}

/** A request that is being answered. */
interface Exchange {
  readonly dialect: Dialect;
  /** The pattern of the route or page. */
  readonly path: string;
  /** The body is empty until it was read. */
  readonly request: DialectRequest & { body: Buffer };
  readonly raw: IncomingMessage;
  readonly response: ServerResponse;
  /** Ends the operation. Called after the reply was written, because the output of an operation can be a stream. */
  release?: () => void;
}

export function createRequestHandler(context: HttpContext, bodies: BodyReader): RequestHandler {
  const server: Server = { context, bodies, running: new Map(), isClosing: false };
  return {
    route(dialect, route, { raw, response, params }) {
      const request = toDialectRequest(raw, params, context.now());
      const exchange = { dialect, path: route.path, request, raw, response };
      return answer(server, exchange, () => runRoute(server, exchange, route));
    },
    page(dialect, page, { raw, response }) {
      const request = toDialectRequest(raw, {}, context.now());
      const exchange = { dialect, path: page.path, request, raw, response };
      return answer(server, exchange, () => runPage(server, exchange, page));
    },
    close() {
      server.isClosing = true;
      for (const controller of server.running.keys()) controller.abort();
    },
    isBusy: socket => [...server.running.values()].includes(socket),
  };
}

type MakeReply = () => Promise<DialectReply>;

async function answer(server: Server, exchange: Exchange, makeReply: MakeReply): Promise<void> {
  const { context } = server;
  const { dialect, path, raw, response } = exchange;
  const startedAt = performance.now();
  const reply = withHeaders(await replyOf(server, exchange, makeReply), dialect.everyReply);
  const written = writeReply(raw, response, reply, server.isClosing);
  const durationMs = performance.now() - startedAt;
  context.observe?.({ dialect: dialect.name, route: path, status: reply.status, durationMs });
  await written.catch(error => {
    context.log.error({ err: error, dialect: dialect.name, route: path }, 'a stream failed with a bug');
    response.destroy();
  });
  exchange.release?.();
}

async function replyOf({ context }: Server, exchange: Exchange, makeReply: MakeReply): Promise<DialectReply> {
  const { dialect, path, request, raw } = exchange;
  try {
    refuseUnclearHost(raw);
    // A browser sends its preflight request without credentials.
    if (!(raw.method === 'OPTIONS' && dialect.preflight !== undefined)) enter(context, exchange);
    return await makeReply();
  } catch (error) {
    if (!(error instanceof AppError)) {
      // Logs the pattern and not the URL: a query can contain a credential.
      const facts = { err: error, dialect: dialect.name, method: raw.method, route: path };
      context.log.error(facts, 'a request failed with a bug');
    }
    return dialect.sayError(asAppError(error), request);
  }
}

/** Checks the credential before it reads the body, unless the body contains the credential. */
async function runRoute<K extends keyof Operations>(
  server: Server,
  exchange: Exchange,
  route: RouteOf<K>,
): Promise<DialectReply> {
  const { context, bodies } = server;
  const { dialect, request, raw, response } = exchange;
  const credential = await dialect.credential(request);
  const isInBody = credential === undefined && route.credentialMayBeInBody === true;
  const early = isInBody ? undefined : await admit(context, route.access, presentedBy(exchange, credential));
  const limit = route.bodyLimit ?? DEFAULT_BODY_LIMIT;
  if (route.method !== 'GET') request.body = await bodies.read(raw, response, limit);
  try {
    const caller = early ?? (await admitByRequest(context, exchange, route.access));
    const output = await runOperation(server, exchange, route, caller);
    return await route.reply(output, request);
  } finally {
    bodies.release(request.body);
  }
}

async function runOperation<K extends keyof Operations>(
  { context, running }: Server,
  exchange: Exchange,
  route: RouteOf<K>,
  caller: Callers[Operations[K]['access']],
): Promise<Operations[K]['output']> {
  const { request, raw, response } = exchange;
  const input = await route.parse(request);
  const controller = new AbortController();
  const onClose = () => controller.abort();
  response.on('close', onClose);
  running.set(controller, raw.socket);
  exchange.release = () => {
    running.delete(controller);
    response.off('close', onClose);
  };
  return context.operations[route.operation](caller, input, controller.signal);
}

async function runPage({ context }: Server, exchange: Exchange, page: HttpPage): Promise<DialectReply> {
  if (page.scope !== undefined) {
    const credential = await exchange.dialect.credential(exchange.request);
    await admit(context, page.scope, { ...presentedBy(exchange, credential), allowsKeyless: true });
  }
  if (page.access !== undefined) await admitByRequest(context, exchange, page.access);
  return page.answer(exchange.request);
}

/** Finds the credential in the request as read so far, and admits its owner. */
async function admitByRequest<A extends Access>(
  context: HttpContext,
  exchange: Exchange,
  access: A,
): Promise<Callers[A]> {
  const credential = await exchange.dialect.credential(exchange.request);
  return admit(context, access, presentedBy(exchange, credential));
}

/** RFC 9112 3.2. Node can refuse a missing Host, but not in the format of the dialect. It uses the first of two. */
function refuseUnclearHost({ headers, httpVersion, rawHeaders }: IncomingMessage): void {
  if (headers.host === undefined && httpVersion === '1.1') {
    throw new AppError('malformed', 'The Host header field is missing.');
  }
  const hosts = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host');
  if (hosts.length > 1) throw new AppError('malformed', 'There are two Host header fields.');
}

/** Runs the check that a dialect does for all its paths. A wrong password counts as a failed login of the client address. */
function enter(context: HttpContext, exchange: Exchange): void {
  const { dialect, request } = exchange;
  try {
    dialect.enter?.(request);
  } catch (error) {
    if (error instanceof AppError && error.code === 'unauthenticated') {
      context.noteWrong(context.clientAddress(factsOf(exchange)));
    }
    throw error;
  }
}

function presentedBy(exchange: Exchange, credential: Credential | undefined): PresentedRequest {
  return { facts: factsOf(exchange), credential, allowsKeyless: exchange.dialect.allowsKeyless };
}

function factsOf({ request, raw }: Exchange): CallerFacts {
  return { peer: raw.socket.remoteAddress ?? '', headers: request.headers };
}

function withHeaders(reply: DialectReply, headers: Dialect['everyReply']): DialectReply {
  return headers === undefined ? reply : { ...reply, headers: { ...headers, ...reply.headers } };
}
