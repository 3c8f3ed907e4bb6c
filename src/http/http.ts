import { type IncomingMessage, METHODS, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import Fastify, { type FastifyInstance, type InjectOptions, type LightMyRequestResponse } from 'fastify';
import { present } from '../dialects/present.ts';
import { createBodyReader } from './body-reader.ts';
import { DEFAULT_LIMITS, type HttpContext, type HttpLimits } from './http-context.ts';
import { refuseInvalidRequest } from './invalid-request.ts';
import { createPages } from './pages.ts';
import { pathOf } from './request.ts';
import { createRequestHandler, type HttpPage, type RequestHandler } from './request-handler.ts';
import { ownerOf, unroutedError, withHead } from './unrouted.ts';

/** Address of a listener. `host` is an IP address. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** The HTTP server of the gate. */
export interface HttpServer {
  /** Opens the port. Port 0 lets the system choose one. Resolves with the actual address. */
  listen(at: Endpoint): Promise<Endpoint>;
  /** Answers a request without a connection, for tests. */
  inject(request: InjectOptions): Promise<LightMyRequestResponse>;
  /** Makes `/readyz` answer 503, ends waiting requests, and closes each connection after its answer. New requests still work. */
  drain(): void;
  /** Accepts no more connections, and answers the running requests. After `graceMs` it closes the remaining connections. */
  close(graceMs: number): Promise<void>;
}

/** Creates the server. Fastify routes requests and manages connections; request-handler.ts answers requests. */
export function createHttpServer(context: HttpContext): HttpServer {
  const limits = { ...DEFAULT_LIMITS, ...context.limits };
  let isDraining = false;
  const pages = createPages({ ...context, isReady: () => !isDraining && context.isReady() });
  const handler = createRequestHandler(context, createBodyReader(limits.maxHeldBytes));
  const refuse = refusalOfUnrouted(context, pages, handler);
  const app = createFastify(limits, handler, refuse);
  addRoutes(app, context, handler);
  addPages(app, context, pages, handler);
  app.setNotFoundHandler((request, reply) => refuse(request.raw, reply.raw));
  listenToConnections(app.server, limits);

  function drain(): void {
    isDraining = true;
    handler.close();
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

function createFastify(limits: HttpLimits, handler: RequestHandler, refuse: Refuse): FastifyInstance {
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
    // The router reports a target that it cannot decode, or a parameter that is too long. Such a path does not exist.
    frameworkErrors: (_error, request, reply) => refuse(request.raw, reply.raw),
    clientErrorHandler: (error, socket) => refuseUnparsed(handler, socket, error.code),
  });
  // Fastify must not read any body: body-reader.ts reads it after the credential was checked.
  for (const method of METHODS) app.addHttpMethod(method, { hasBody: false, overrideExisting: true });
  return app;
}

function addRoutes(app: FastifyInstance, context: HttpContext, handler: RequestHandler): void {
  for (const dialect of context.dialects) {
    for (const route of dialect.routes) {
      app.route<{ Params: Record<string, string> }>({
        method: withHead(route.method),
        url: route.path,
        handler: (request, reply) => {
          void handler.route(dialect, route, {
            raw: request.raw,
            response: reply.raw,
            params: request.params,
          });
        },
      });
    }
  }
}

function addPages(
  app: FastifyInstance,
  context: HttpContext,
  pages: readonly HttpPage[],
  handler: RequestHandler,
): void {
  for (const page of pages) {
    const dialect = ownerOf(context.dialects, page.path);
    app.route({
      method: withHead('GET'),
      url: page.path,
      handler: (request, reply) => {
        void handler.page(dialect, page, { raw: request.raw, response: reply.raw, params: {} });
      },
    });
  }
}

function refusalOfUnrouted(
  context: HttpContext,
  pages: readonly HttpPage[],
  handler: RequestHandler,
): Refuse {
  return (raw, response) => {
    const path = pathOf(raw.url ?? '');
    const dialect = ownerOf(context.dialects, path);
    const exchange = { raw, response, params: {} };
    const { preflight } = dialect;
    if (raw.method === 'OPTIONS' && preflight !== undefined) {
      const answer = () => ({ status: 204, headers: preflight });
      void handler.page(dialect, { path: '', answer }, exchange);
      return;
    }
    const routes = [...dialect.routes, ...pages.map(page => ({ method: 'GET', path: page.path }))];
    const answer = () => {
      throw unroutedError(routes, path, preflight !== undefined);
    };
    const access = dialect.accessOfUnrouted?.(path);
    void handler.page(dialect, { path: '', answer, ...present({ access }) }, exchange);
  };
}

function listenToConnections(server: Server, limits: HttpLimits): void {
  server.maxConnections = limits.maxConnections;
  // A client that sends `Expect: 100-continue` gets 100 when its body is about to be read.
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    server.emit('request', request, response);
  };
  server.on('checkContinue', serve);
  server.on('checkExpectation', serve);
  server.on('connect', (_request, socket) => refuseInvalidRequest(socket as Socket, undefined));
}

function refuseUnparsed(handler: RequestHandler, socket: Socket, code: string | undefined): void {
  // The client would read an answer as that of its running request, which may have been accepted.
  if (code === 'ECONNRESET' || handler.isBusy(socket)) socket.destroy();
  else refuseInvalidRequest(socket, code);
}
