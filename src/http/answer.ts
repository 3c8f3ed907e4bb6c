import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { covers, type Principal, type Scope } from '../core/account.ts';
import { AppError, asAppError } from '../core/errors.ts';
import type { MailAddress } from '../core/temp-mail.ts';
import type {
  Access,
  Credential,
  Dialect,
  DialectReply,
  DialectRequest,
  RouteOf,
} from '../dialects/dialect.ts';
import type { Client, Operations } from '../operations/operations.ts';
import { type BodyReader, discardBody } from './body-reader.ts';
import type { CallerFacts } from './caller-rules.ts';
import type { HttpContext } from './http-context.ts';
import { toDialectRequest } from './request.ts';

/** Bytes of a body where its route names no other limit. */
const DEFAULT_BODY_LIMIT = 32 * 1024 * 1024;

type Params = Readonly<Record<string, string>>;
type AnyRoute = RouteOf<keyof Operations>;
type Who = Operations[keyof Operations]['who'];

/** An answer that needs no operation. */
export interface Page {
  /** '' when it answers for no path in particular. */
  readonly path: string;
  /** Absent: anybody may see it. With a scope it may also be seen under the keyless rules. */
  readonly scope?: Scope;
  /** What its dialect asks of who calls; absent: nothing. */
  readonly access?: Access;
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
  /** Called once the reply was written: what the operation gave may be made while it is. */
  release?: () => void;
}

export function createAnswerer(context: HttpContext, bodies: BodyReader): Answerer {
  const running = new Map<AbortController, object>();
  let isClosing = false;

  async function runRoute(exchange: Exchange, route: AnyRoute): Promise<DialectReply> {
    const { dialect, request, raw, response } = exchange;
    const credential = await dialect.credential(request);
    const isInBody = credential === undefined && route.credentialMayBeInBody === true;
    const early = isInBody ? undefined : await admit(context, exchange, route.access, credential);
    const limit = route.bodyLimit ?? DEFAULT_BODY_LIMIT;
    if (route.method !== 'GET') request.body = await bodies.read(raw, response, limit);
    try {
      const who = early ?? (await admit(context, exchange, route.access, await dialect.credential(request)));
      const output = await operate(exchange, route, who);
      return await route.reply(output, request);
    } finally {
      bodies.release(request.body);
    }
  }

  async function operate<K extends keyof Operations>(
    exchange: Exchange,
    route: RouteOf<K>,
    who: Who,
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
    // `admit` gave what the route's access asks for, and that is what its operation is called by.
    return context.operations[route.operation](who as Operations[K]['who'], input, controller.signal);
  }

  async function runPage(exchange: Exchange, page: Page): Promise<DialectReply> {
    if (page.scope !== undefined) {
      const credential = await exchange.dialect.credential(exchange.request);
      await admitPrincipal(context, exchange, page.scope, credential, true);
    }
    if (page.access !== undefined) {
      await admit(context, exchange, page.access, await exchange.dialect.credential(exchange.request));
    }
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
      context.log.error({ err: error, dialect: dialect.name, route: path }, 'a stream met a bug');
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

/** RFC 9112 3.2. Node would refuse that there is none, but not in the dialect's words, and takes the first of two. */
function refuseUnclearHost({ headers, httpVersion, rawHeaders }: IncomingMessage): void {
  if (headers.host === undefined && httpVersion === '1.1') {
    throw new AppError('malformed', 'The Host header field is missing.');
  }
  const hosts = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host');
  if (hosts.length > 1) throw new AppError('malformed', 'There are two Host header fields.');
}

/** What a dialect has in front of all its paths; a wrong password there counts against its caller. */
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

function factsOf({ request, raw }: Exchange): CallerFacts {
  return { peer: raw.socket.remoteAddress ?? '', headers: request.headers };
}

/** Who asks, as the access of the route has it. */
function admit(
  context: HttpContext,
  exchange: Exchange,
  access: Access,
  credential: Credential | undefined,
): Promise<Who> | Who {
  switch (access) {
    case 'anyone':
      return clientOf(context, exchange);
    case 'address':
      return admitAddress(context, exchange, credential);
    case 'temp-mail admin':
      return admitTempMailAdmin(context, exchange, credential);
    default:
      return admitPrincipal(context, exchange, access, credential, exchange.dialect.allowsKeyless);
  }
}

function clientOf(context: HttpContext, exchange: Exchange): Client {
  const facts = factsOf(exchange);
  return {
    address: context.clientAddress(facts),
    isKeyless: context.isKeyless(facts),
    isSecure: context.isSecure(facts),
  };
}

async function admitAddress(
  context: HttpContext,
  exchange: Exchange,
  credential: Credential | undefined,
): Promise<MailAddress> {
  const token = credential?.kind === 'address' ? credential.token : undefined;
  const address =
    token === undefined
      ? undefined
      : await context.addressOf(token, context.clientAddress(factsOf(exchange)));
  if (address === undefined) throw unauthenticated(token !== undefined);
  return address;
}

async function admitTempMailAdmin(
  context: HttpContext,
  exchange: Exchange,
  credential: Credential | undefined,
): Promise<Client> {
  const client = clientOf(context, exchange);
  const password = credential?.kind === 'temp-mail admin' ? credential.password : undefined;
  const isAdmin = password !== undefined && (await context.isTempMailAdmin(password, client.address));
  if (!isAdmin) throw unauthenticated(password !== undefined);
  return { ...client, isKeyless: false };
}

/** By key or session, or without one where that is allowed and the keyless rules let it in. */
async function admitPrincipal(
  context: HttpContext,
  exchange: Exchange,
  scope: Scope,
  credential: Credential | undefined,
  allowsKeyless: boolean,
): Promise<Principal> {
  const facts = factsOf(exchange);
  let principal: Principal | undefined;
  if (credential?.kind === 'key') {
    principal = await context.authenticate(credential, context.clientAddress(facts));
  } else if (credential?.kind === 'session') {
    principal = await context.sessionOf(credential);
    if (principal === undefined) throw new AppError('unauthenticated', 'The session has ended: sign in.');
  } else if (credential === undefined && allowsKeyless) {
    principal = await context.keyless(facts);
  }
  if (principal === undefined) throw unauthenticated(credential !== undefined);
  if (!covers(principal.scopes, scope)) {
    const [holder, what] = credential?.kind === 'session' ? ['role', 'right'] : ['key', 'scope'];
    throw new AppError('forbidden', `The ${holder} does not have the ${what} "${scope}" that this needs.`);
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

function withHeaders(reply: DialectReply, headers: Dialect['everyReply']): DialectReply {
  return headers === undefined ? reply : { ...reply, headers: { ...headers, ...reply.headers } };
}

async function writeReply(
  raw: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: DialectReply,
  isLast: boolean,
): Promise<void> {
  if (response.destroyed || response.headersSent) return;
  const isStream = typeof body === 'object' && !Buffer.isBuffer(body);
  const length = body === undefined || isStream ? 0 : Buffer.byteLength(body);
  response.writeHead(status, {
    ...headers,
    ...(status !== 204 && !isStream && { 'content-length': length }),
    ...(isLast && { connection: 'close' }),
  });
  if (!isStream) response.end(body);
  else await writePieces(response, raw.method === 'HEAD' ? [] : body);
  if (!raw.complete) discardBody(raw);
}

/** Until they end or the client has gone; no faster than it reads. */
async function writePieces(
  response: ServerResponse,
  pieces: AsyncIterable<string> | Iterable<string>,
): Promise<void> {
  for await (const piece of pieces) {
    if (response.destroyed) return;
    if (!response.write(piece)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
  }
  response.end();
}
