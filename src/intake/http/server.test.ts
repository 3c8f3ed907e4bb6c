import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, METHODS } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { GOOD_KEY, suiteContext } from '../../../test/suites/dialect.ts';
import type { Principal } from '../../core/account.ts';
import { AppError } from '../../core/errors.ts';
import type { Handlers, HttpContext } from './context.ts';
import { createDialects } from './dialects.ts';
import { createHttpServer, type HttpServer } from './server.ts';

const MESSAGE = '{"from":"a@b.c","to":"d@e.f","text":"x"}';
const ACCEPTED = { id: '0123456789abc', messageIdHeader: '<x@b.c>', replayed: false, recipients: [] };
const MIB = 1024 * 1024;

type Answer = (operation: string, input: unknown, signal: AbortSignal) => Promise<unknown>;
const accept: Answer = async () => ACCEPTED;

const running: HttpServer[] = [];
afterEach(() => Promise.all(running.splice(0).map(server => server.close(0))));

/** A server on a free port, whose operations answer as told. */
async function start(answer: Answer = accept, changes: Partial<HttpContext> = {}) {
  const operations = new Proxy(
    {},
    {
      get: (_target, operation) => (_principal: Principal, input: unknown, signal: AbortSignal) =>
        answer(String(operation), input, signal),
    },
  ) as Handlers;
  const context = { ...suiteContext([], operations), dialects: createDialects({ inbox: 1 }), ...changes };
  const server = createHttpServer(context);
  running.push(server);
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return { server, port, url: `http://127.0.0.1:${port}` };
}

/** Sends raw bytes and collects what comes back until the connection closes. */
async function talk(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(text);
  return allOf(socket);
}

async function allOf(socket: Socket): Promise<string> {
  let received = '';
  socket.on('data', chunk => {
    received += chunk.toString('latin1');
  });
  socket.on('error', () => {});
  await once(socket, 'close');
  return received;
}

const post = (body: string, headers = '') =>
  `POST /messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`;

describe('every refusal is a dialect’s', () => {
  test.each(METHODS.filter(method => !['CONNECT', 'POST', 'PUT'].includes(method)))(
    'for %s on a path with other methods',
    async method => {
      const { port } = await start();
      const received = await talk(
        port,
        `${method} /messages HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      );
      expect(received).toMatch(/^HTTP\/1.1 405 /);
      expect(received).toContain('allow: POST, PUT\r\n');
      expect(received).toContain('content-type: text/plain; charset=utf-8\r\n');
    },
  );

  test('for a path that is nobody’s, or cannot be read', async () => {
    const { port } = await start();
    for (const target of [
      '/nothing',
      '/%zz',
      '//',
      '/v1/messages/',
      `/v1/messages/${'x'.repeat(500)}`,
      '*',
    ]) {
      const received = await talk(port, `POST ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      expect(received, target).toMatch(/^HTTP\/1.1 (404|405) /);
      expect(received, target).toMatch(/\r\n\r\n{"error":{"code":"(not_found|method_not_allowed)"/);
    }
  });

  test('also for the pages that are no API', async () => {
    const { url } = await start();
    const response = await fetch(`${url}/healthz`, { method: 'DELETE' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  test('for a bug, which is reported without the query', async () => {
    const reports: object[] = [];
    const fail = async () => {
      throw new TypeError('canary-internal');
    };
    const { url } = await start(fail, { log: { error: details => reports.push(details) } });
    const response = await fetch(`${url}/messages?password=canary-query`, { method: 'POST', body: MESSAGE });
    expect([response.status, await response.text()]).toEqual([500, 'Internal error\n']);
    expect(reports).toMatchObject([{ dialect: 'powermta', method: 'POST', route: '/messages' }]);
    expect(JSON.stringify(reports)).not.toContain('canary-query');
  });
});

describe('bytes that are no request', () => {
  test.each([
    ['hello\r\n\r\n', 400],
    ['GET / HTTP/9.9\r\n\r\n', 400],
    ['POST /messages HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello', 400],
    [
      'POST /messages HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello',
      400,
    ],
    ['POST /messages HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 400],
    [`GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`, 431],
    ['CONNECT example.com:25 HTTP/1.1\r\nHost: example.com:25\r\n\r\n', 400],
  ])('%j is answered with a plain line and %i', async (bytes, status) => {
    const { port } = await start();
    const received = await talk(port, bytes);
    expect(received).toMatch(new RegExp(`^HTTP/1.1 ${status} [^\r]+\r\nContent-Type: text/plain`));
    expect(received).toMatch(/\r\nConnection: close\r\n\r\n[A-Z][\w ]+\n$/);
  });

  test('after a request under way close the connection without an answer that could be taken for its own', async () => {
    const asked: string[] = [];
    const never: Answer = operation => {
      asked.push(operation);
      return new Promise(() => {});
    };
    const { port } = await start(never);
    const socket = connect(port, '127.0.0.1');
    const received = allOf(socket);
    socket.write(post(MESSAGE));
    await expect.poll(() => asked).toEqual(['submit']);
    socket.write('garbage\r\n\r\n');
    expect(await received).toBe('');
  });
});

describe('bodies', () => {
  test('over the limit are refused from Content-Length, before a byte of them came', async () => {
    const { port } = await start();
    const socket = connect(port, '127.0.0.1');
    socket.write(`POST /messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${33 * MIB}\r\n\r\n`);
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1.1 413 /);
    socket.destroy();
  });

  test('over the limit are refused while they are read when no length was given', async () => {
    const { url } = await start();
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += MIB;
        if (sent > 40 * MIB) controller.close();
        else controller.enqueue(new Uint8Array(MIB));
      },
    });
    const response = await fetch(`${url}/messages`, { method: 'POST', body, duplex: 'half' } as RequestInit);
    expect(response.status).toBe(413);
    expect(sent).toBeLessThan(41 * MIB);
  });

  test('over the limit do not keep a client from reading the answer, nor the connection from the next request', async () => {
    const { url } = await start();
    const response = await fetch(`${url}/messages`, { method: 'POST', body: Buffer.alloc(40 * MIB, 0x20) });
    expect([response.status, await response.text()]).toEqual([
      413,
      'The body is larger than 33554432 bytes\n',
    ]);
    expect((await fetch(`${url}/messages`, { method: 'POST', body: MESSAGE })).status).toBe(200);
  });

  test('take at most so much memory together', async () => {
    const { port, url } = await start(accept, { limits: { maxHeldBytes: 3 * MIB } });
    const slow = connect(port, '127.0.0.1');
    slow.write(`POST /messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${3 * MIB}\r\n\r\n`);
    slow.write(Buffer.alloc(2 * MIB));
    const send = () => fetch(`${url}/messages`, { method: 'POST', body: Buffer.alloc(2 * MIB, 0x20) });
    await expect.poll(async () => (await send()).status).toBe(503);
    slow.destroy();
    await expect.poll(async () => (await send()).status).toBe(400);
  });

  test('in pieces are put together', async () => {
    const inputs: unknown[] = [];
    const { port } = await start(async (_operation, input) => {
      inputs.push(input);
      return ACCEPTED;
    });
    const pieces = [...MESSAGE].map(char => `1\r\n${char}\r\n`).join('');
    const received = await talk(
      port,
      `POST /messages HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${pieces}0\r\n\r\n`,
    );
    expect(received).toMatch(/^HTTP\/1.1 200 OK\r\ncontent-length: 0\r\n/);
    expect(received).not.toMatch(/content-type/i);
    expect(inputs).toMatchObject([{ envelope: { sender: 'a@b.c', recipients: ['d@e.f'] } }]);
  });

  test('that end early are accepted by nobody', async () => {
    const asked: string[] = [];
    const { port, url } = await start(async operation => {
      asked.push(operation);
      return ACCEPTED;
    });
    const socket = connect(port, '127.0.0.1');
    socket.end(post(MESSAGE).slice(0, -1));
    await allOf(socket);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(asked).toEqual([]);
  });

  test('are asked for only when the credential is good', async () => {
    const { port } = await start();
    const answers = await Promise.all(
      ['pk_1_bad', GOOD_KEY].map(key => expectContinue(port, { authorization: `Bearer ${key}` })),
    );
    expect(answers).toEqual([
      { status: 401, wasAsked: false },
      { status: 202, wasAsked: true },
    ]);
  });
});

/** Sends a message with `Expect: 100-continue`, and its body only when asked. */
function expectContinue(port: number, headers: Record<string, string>) {
  return new Promise<{ status: number | undefined; wasAsked: boolean }>((resolve, reject) => {
    let wasAsked = false;
    const request = httpRequest({
      port,
      host: '127.0.0.1',
      path: '/v1/messages',
      method: 'POST',
      headers: { ...headers, expect: '100-continue', 'content-length': MESSAGE.length },
    });
    request.on('continue', () => {
      wasAsked = true;
      request.end(MESSAGE);
    });
    request.on('response', (response: IncomingMessage) => {
      response.resume();
      resolve({ status: response.statusCode, wasAsked });
      request.destroy();
    });
    request.on('error', reject);
    request.flushHeaders();
  });
}

describe('slow clients', () => {
  test('get so long for their header', async () => {
    const limits = { headerTimeoutMs: 100, requestTimeoutMs: 100, timeoutCheckMs: 50 };
    const { port } = await start(accept, { limits });
    expect(await talk(port, 'POST /messages HTTP/1.1\r\nHost: loc')).toMatch(/^HTTP\/1.1 408 /);
  });

  test('and so long for their body', async () => {
    const limits = { headerTimeoutMs: 100, requestTimeoutMs: 200, timeoutCheckMs: 50 };
    const { port } = await start(accept, { limits });
    expect(await talk(port, post(MESSAGE).slice(0, -1))).toMatch(/^HTTP\/1.1 408 /);
  });

  test('beyond the connection cap are dropped', async () => {
    const { port, url } = await start(accept, { limits: { maxConnections: 1 } });
    const first = connect(port, '127.0.0.1');
    await once(first, 'connect');
    expect(await talk(port, post(MESSAGE))).toBe('');
    first.destroy();
    await expect
      .poll(() =>
        fetch(`${url}/healthz`).then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(200);
  });
});

/** An operation that waits until nobody waits for it any more. */
function waiting(output: unknown) {
  const { promise: isAsked, resolve: asked } = Promise.withResolvers<void>();
  const { promise: isAborted, resolve: abort } = Promise.withResolvers<void>();
  const answer: Answer = async (_operation, _input, signal) => {
    signal.addEventListener('abort', () => abort());
    asked();
    await isAborted;
    return output;
  };
  return { answer, isAsked, isAborted };
}

describe('waiting', () => {
  const headers = { authorization: `Bearer ${GOOD_KEY}` };

  test('ends when the client goes', async () => {
    const wait = waiting({ events: [], cursor: '7' });
    const { url } = await start(wait.answer);
    const gone = new AbortController();
    const answer = fetch(`${url}/v1/events?wait=60`, { headers, signal: gone.signal });
    const outcome = expect(answer).rejects.toThrow(/abort/i);
    await wait.isAsked;
    gone.abort();
    await outcome;
    await wait.isAborted;
  });

  test('ends with an answer when the gate closes, and the connection with it', async () => {
    const wait = waiting({ events: [], cursor: '7' });
    const { server, url } = await start(wait.answer);
    const answer = fetch(`${url}/v1/events?wait=60`, { headers });
    await wait.isAsked;
    const closing = server.close(10_000);
    const response = await answer;
    expect([response.status, response.headers.get('connection')]).toEqual([200, 'close']);
    expect(await response.json()).toEqual({ events: [], cursor: '7' });
    await closing;
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });
});

describe('closing', () => {
  test('lets what is under way be answered', async () => {
    const { promise, resolve: finish } = Promise.withResolvers<unknown>();
    const { promise: isAsked, resolve: asked } = Promise.withResolvers<void>();
    const { server, url } = await start(() => {
      asked();
      return promise;
    });
    const answer = fetch(`${url}/messages`, { method: 'POST', body: MESSAGE });
    await isAsked;
    const closing = server.close(10_000);
    finish(ACCEPTED);
    expect((await answer).status).toBe(200);
    await closing;
  });

  test('cuts what is left after the grace', async () => {
    const { promise: isAsked, resolve: asked } = Promise.withResolvers<void>();
    const { server, url } = await start(() => {
      asked();
      return new Promise(() => {});
    });
    const outcome = expect(fetch(`${url}/messages`, { method: 'POST', body: MESSAGE })).rejects.toThrow();
    await isAsked;
    await server.close(50);
    await outcome;
  });
});

describe('credentials', () => {
  test('without the scope are refused', async () => {
    const account = { id: 1, name: 'a', isEnabled: true, allowedSenders: ['*'], createdAt: 0 };
    const { url } = await start(accept, { authenticate: () => ({ account, scopes: ['read'], by: 7 }) });
    const response = await fetch(`${url}/v1/messages`, {
      method: 'POST',
      body: MESSAGE,
      headers: { authorization: 'Bearer x' },
    });
    expect([response.status, await response.json()]).toMatchObject([403, { error: { code: 'forbidden' } }]);
  });

  test('are not tried further when there were too many wrong ones', async () => {
    const { url } = await start(accept, {
      authenticate: () => {
        throw new AppError('rate_limited', 'Too many wrong keys.', { retryAfterSeconds: 60 });
      },
    });
    const response = await fetch(`${url}/messages`, {
      method: 'POST',
      body: MESSAGE,
      headers: { authorization: 'Bearer x' },
    });
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '60']);
  });
});

describe('pages', () => {
  test.each([
    ['/healthz', 200, /^ok\n$/],
    ['/readyz', 200, /^ready\n$/],
    ['/metrics', 200, /^up 1\n$/],
    ['/openapi.json', 200, /"openapi": "3.1.0"/],
    ['/docs', 200, /^<!doctype html>/],
  ])('%s answers %i, and HEAD the same without the body', async (path, status, text) => {
    const { url } = await start();
    const [got, head] = await Promise.all([fetch(url + path), fetch(url + path, { method: 'HEAD' })]);
    const body = await got.text();
    expect([got.status, head.status, await head.text()]).toEqual([status, status, '']);
    expect(body).toMatch(text);
    expect(head.headers.get('content-length')).toBe(String(Buffer.byteLength(body)));
  });

  test('say when the store cannot be written', async () => {
    const { url } = await start(accept, { isReady: () => false });
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test('show figures to those with a key, and to those who need none', async () => {
    const { url } = await start(accept, { keyless: () => undefined });
    expect((await fetch(`${url}/metrics`)).status).toBe(401);
    const headers = { authorization: `Bearer ${GOOD_KEY}` };
    expect((await fetch(`${url}/metrics`, { headers })).status).toBe(200);
  });

  test('tell how long which route took', async () => {
    const seen: object[] = [];
    const { url } = await start(accept, { observe: answered => seen.push(answered) });
    await fetch(`${url}/v1/messages/0123456789abc`);
    expect(seen).toEqual([
      { dialect: 'v1', route: '/v1/messages/:id', status: 401, durationMs: expect.any(Number) },
    ]);
  });
});
