import { type IncomingMessage, METHODS, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import Fastify, { type FastifyInstance, type InjectOptions, type LightMyRequestResponse } from 'fastify';
import { present } from '../dialects/present.ts';
import { type Answerer, createAnswerer, type HttpPage } from './answer.ts';
import { createBodyReader } from './body-reader.ts';
import { DEFAULT_LIMITS, type HttpContext, type HttpLimits } from './http-context.ts';
import { createPages } from './pages.ts';
import { refuseRaw } from './raw-refusal.ts';
import { pathOf } from './request.ts';
import { ownerOf, unroutedError, withHead } from './unrouted.ts';

/** Where a server listens: `host` is an address. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** The HTTP front of the gate. */
export interface HttpServer {
  /** Port 0 takes a free one; resolves with the one it got. */
  listen(at: Endpoint): Promise<Endpoint>;
  /** Answers a request without a socket, for tests. */
  inject(request: InjectOptions): Promise<LightMyRequestResponse>;
  /** From here on `/readyz` says no, nobody is kept waiting, and each answer closes its connection; requests are still taken. */
  drain(): void;
  /** Takes no more connections, lets what is under way be answered, and after `graceMs` cuts what is left. */
  close(graceMs: number): Promise<void>;
}

/** Builds the server: fastify routes and keeps the connections, answer.ts says what comes of a request. */
export function createHttpServer(context: HttpContext): HttpServer {
  const limits = { ...DEFAULT_LIMITS, ...context.limits };
  let isDraining = false;
  const pages = createPages({ ...context, isReady: () => !isDraining && context.isReady() });
  const answerer = createAnswerer(context, createBodyReader(limits.maxHeldBytes));
  const refuse = refusalOfUnrouted(context, pages, answerer);
  const app = createFastify(limits, answerer, refuse);
  addRoutes(app, context, answerer);
  addPages(app, context, pages, answerer);
  app.setNotFoundHandler((request, reply) => refuse(request.raw, reply.raw));
  listenToConnections(app.server, limits);

  function drain(): void {
    isDraining = true;
    answerer.close();
  }

  return {
    async listen(at) {
      await app.listen({ host: at.host, port: at.port });
      const { address, port } = app.server.address() as AddressInfo;
      return { host: address, port };
    },
    inject: request => app.inject(request),
    drain,
    async close(graceMs) {
      drain();
      const cut = setTimeout(() => app.server.closeAllConnections(), graceMs);
      await app.close();
      clearTimeout(cut);
    },
  };
}

type Refuse = (raw: IncomingMessage, response: ServerResponse) => void;

function createFastify(limits: HttpLimits, answerer: Answerer, refuse: Refuse): FastifyInstance {
  const app = Fastify({
    logger: false,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    requestTimeout: limits.requestTimeoutMs,
    connectionTimeout: limits.idleTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    http: {
      headersTimeout: limits.headerTimeoutMs,
      connectionsCheckingInterval: limits.timeoutCheckMs,
      requireHostHeader: false,
    },
    // A target that the router cannot read, or a parameter that is too long, names nothing that exists.
    frameworkErrors: (_error, request, reply) => refuse(request.raw, reply.raw),
    clientErrorHandler: (error, socket) => refuseUnreadable(answerer, socket, error.code),
  });
  // No method has a body as far as fastify is concerned: body.ts reads it, once the credential is known to be good.
  for (const method of METHODS) app.addHttpMethod(method, { hasBody: false, overrideExisting: true });
  return app;
}

function addRoutes(app: FastifyInstance, context: HttpContext, answerer: Answerer): void {
  for (const dialect of context.dialects) {
    for (const route of dialect.routes) {
      app.route<{ Params: Record<string, string> }>({
        method: withHead(route.method),
        url: route.path,
        handler: (request, reply) => {
          void answerer.route(dialect, route, request.raw, reply.raw, request.params);
        },
      });
    }
  }
}

function addPages(
  app: FastifyInstance,
  context: HttpContext,
  pages: readonly HttpPage[],
  answerer: Answerer,
): void {
  for (const page of pages) {
    const dialect = ownerOf(context.dialects, page.path);
    app.route({
      method: withHead('GET'),
      url: page.path,
      handler: (request, reply) => {
        void answerer.page(dialect, page, request.raw, reply.raw);
      },
    });
  }
}

function refusalOfUnrouted(context: HttpContext, pages: readonly HttpPage[], answerer: Answerer): Refuse {
  return (raw, response) => {
    const path = pathOf(raw.url ?? '');
    const dialect = ownerOf(context.dialects, path);
    const { preflight } = dialect;
    if (raw.method === 'OPTIONS' && preflight !== undefined) {
      const answer = () => ({ status: 204, headers: preflight });
      void answerer.page(dialect, { path: '', answer }, raw, response);
      return;
    }
    const routes = [...dialect.routes, ...pages.map(page => ({ method: 'GET', path: page.path }))];
    const answer = () => {
      throw unroutedError(routes, path, preflight !== undefined);
    };
    const access = dialect.accessOfUnrouted?.(path);
    void answerer.page(dialect, { path: '', answer, ...present({ access }) }, raw, response);
  };
}

function listenToConnections(server: Server, limits: HttpLimits): void {
  server.maxConnections = limits.maxConnections;
  // A client that asks before it sends is told to go on when its body is about to be read, and not before.
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    server.emit('request', request, response);
  };
  server.on('checkContinue', serve);
  server.on('checkExpectation', serve);
  server.on('connect', (_request, socket) => refuseRaw(socket as Socket, undefined));
}

function refuseUnreadable(answerer: Answerer, socket: Socket, code: string | undefined): void {
  // An answer now would be taken for that of the request under way, which may have been accepted.
  if (code === 'ECONNRESET' || answerer.isBusy(socket)) socket.destroy();
  else refuseRaw(socket, code);
}
