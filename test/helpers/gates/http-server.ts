import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Principal } from '../../../src/core/account.ts';
import { createDialects } from '../../../src/dialects/dialects.ts';
import { createHttpServer } from '../../../src/http/http.ts';
import type { HttpContext } from '../../../src/http/http-context.ts';
import type { Handlers } from '../../../src/operations/operations.ts';
import { suiteContext } from '../../suites/dialect.ts';

/** What every operation of a server under test does. */
export type Answer = (operation: string, input: unknown, signal: AbortSignal) => Promise<unknown>;

/** A body that both `/messages` and `/v1/messages` take. */
export const MESSAGE = '{"from":"a@b.c","to":"d@e.f","text":"x"}';

/** What `submit` gives. */
export const ACCEPTED = { id: '0123456789abc', messageIdHeader: '<x@b.c>', replayed: false, recipients: [] };

/** Accepts whatever comes. */
export const accept: Answer = async () => ACCEPTED;

/** A server on a free port with all dialects, whose operations answer as told; it ends with the test. */
export async function startHttpServer(answer: Answer = accept, changes: Partial<HttpContext> = {}) {
  const operations = new Proxy(
    {},
    {
      get: (_target, operation) => (_principal: Principal, input: unknown, signal: AbortSignal) =>
        answer(String(operation), input, signal),
    },
  ) as Handlers;
  const context = { ...suiteContext([], operations), dialects: createDialects({ inbox: 1 }), ...changes };
  const server = createHttpServer(context);
  onTestFinished(() => server.close(0));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return { server, port, url: `http://127.0.0.1:${port}` };
}

/** The bytes of a POST to `/messages`. */
export function postBytes(body: string): string {
  return `POST /messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** Sends raw bytes and collects what comes back until the connection closes. */
export async function sendRaw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(text);
  return allOf(socket);
}

/** All that comes on a socket until it closes. */
export async function allOf(socket: Socket): Promise<string> {
  let received = '';
  socket.on('data', chunk => {
    received += chunk.toString('latin1');
  });
  socket.on('error', () => {});
  await once(socket, 'close');
  return received;
}
