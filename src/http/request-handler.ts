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

/** Bytes of a body where its route names no other limit. */
const DEFAULT_BODY_LIMIT = 32 * 1024 * 1024;

type Params = Readonly<Record<string, string>>;

/** An answer that needs no operation. */
export interface HttpPage {
  /** '' when it answers for no path in particular. */
  readonly path: string;
  /** Absent: anyone may see it. With a scope it may also be seen under the keyless rules. */
  readonly scope?: Scope;
  /** What its dialect requires of the caller; absent: nothing. */
  readonly access?: Access;
  /** @throws AppError */
  answer(request: DialectRequest): DialectReply | Promise<DialectReply>;
}

/** Answers requests: credential, body, parse, operation, reply; and every refusal in the dialect's words. */
export interface Answerer {
  route<K extends keyof Operations>(
    dialect: Dialect,
    route: RouteOf<K>,
    raw: IncomingMessage,
    response: ServerResponse,
    params: Params,
  ): Promise<void>;
  /** Answers with a page that is no route of a dialect; `dialect` words its errors. */
  page(dialect: Dialect, page: HttpPage, raw: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Ends the wait of requests that only wait; answers from here on close their connection. */
  close(): void;
  /** Returns true while an operation runs for a request on this socket. */
  isBusy(socket: object): boolean;
}

/** A request on its way to its answer. */
interface Exchange {
  readonly dialect: Dialect;
  /** The pattern of the route or page. */
  readonly path: string;
  /** The body is empty until it was read. */
  readonly request: DialectRequest & { body: Buffer };
  readonly raw: IncomingMessage;
  readonly response: ServerResponse;
  /** Called once the reply was written: the output of the operation may be a stream. */
  release?: () => void;
}

export function createAnswerer(context: HttpContext, bodies: BodyReader): Answerer {
  const running = new Map<AbortController, object>();
  let isClosing = false;

  async function runRoute<K extends keyof Operations>(
    exchange: Exchange,
    route: RouteOf<K>,
  ): Promise<DialectReply> {
    const { dialect, request, raw, response } = exchange;
    const credential = await dialect.credential(request);
    const isInBody = credential === undefined && route.credentialMayBeInBody === true;
    const early = isInBody
      ? undefined
      : await admit(context, route.access, presentedBy(exchange, credential));
    const limit = route.bodyLimit ?? DEFAULT_BODY_LIMIT;
    if (route.method !== 'GET') request.body = await bodies.read(raw, response, limit);
    try {
      const caller = early ?? (await admitByBody(exchange, route.access));
      const output = await runOperation(exchange, route, caller);
      return await route.reply(output, request);
    } finally {
      bodies.release(request.body);
    }
  }

  /** Where the body holds the credential. */
  async function admitByBody<A extends Access>(exchange: Exchange, access: A): Promise<Callers[A]> {
    const credential = await exchange.dialect.credential(exchange.request);
    return admit(context, access, presentedBy(exchange, credential));
  }

  async function runOperation<K extends keyof Operations>(
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

  async function runPage(exchange: Exchange, page: HttpPage): Promise<DialectReply> {
    if (page.scope !== undefined) {
      const credential = await exchange.dialect.credential(exchange.request);
      await admit(context, page.scope, { ...presentedBy(exchange, credential), allowsKeyless: true });
    }
    if (page.access !== undefined) await admitByBody(exchange, page.access);
    return page.answer(exchange.request);
  }

  async function answer(exchange: Exchange, make: () => Promise<DialectReply>): Promise<void> {
    const { dialect, path, raw, response } = exchange;
    const startedAt = performance.now();
    const reply = withHeaders(await replyOf(exchange, make), dialect.everyReply);
    const written = writeReply(raw, response, reply, isClosing);
    const durationMs = performance.now() - startedAt;
    context.observe?.({ dialect: dialect.name, route: path, status: reply.status, durationMs });
    await written.catch(error => {
      context.log.error({ err: error, dialect: dialect.name, route: path }, 'a stream failed with a bug');
      response.destroy();
    });
    exchange.release?.();
  }

  async function replyOf(exchange: Exchange, make: () => Promise<DialectReply>): Promise<DialectReply> {
    const { dialect, path, request, raw } = exchange;
    try {
      refuseUnclearHost(raw);
      // A browser asks what it may send before it may send a password.
      if (!(raw.method === 'OPTIONS' && dialect.preflight !== undefined)) enter(context, exchange);
      return await make();
    } catch (error) {
      if (!(error instanceof AppError)) {
        // The pattern and not the URL: a query may hold a credential.
        const facts = { err: error, dialect: dialect.name, method: raw.method, route: path };
        context.log.error(facts, 'a request failed with a bug');
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

/** RFC 9112 3.2. Node would refuse a missing Host, but not in the dialect's words, and takes the first of two. */
function refuseUnclearHost({ headers, httpVersion, rawHeaders }: IncomingMessage): void {
  if (headers.host === undefined && httpVersion === '1.1') {
    throw new AppError('malformed', 'The Host header field is missing.');
  }
  const hosts = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host');
  if (hosts.length > 1) throw new AppError('malformed', 'There are two Host header fields.');
}

/** Runs the check that a dialect makes for all its paths. A wrong password there counts against the client's address. */
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
