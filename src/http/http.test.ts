import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, METHODS } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import {
  ACCEPTED,
  type Answer,
  accept,
  allOf,
  MESSAGE,
  postBytes,
  sendRaw,
  startHttpServer,
} from '../../test/helpers/gates/http-server.ts';
import { GOOD_KEY } from '../../test/suites/dialect.ts';
import { newAccount } from '../core/account.ts';
import { AppError } from '../core/errors.ts';

const MIB = 1024 * 1024;

describe('the dialect writes the error', () => {
  test.each(METHODS.filter(method => !['CONNECT', 'POST', 'PUT'].includes(method)))(
    'for %s on a path with other methods',
    async method => {
      const { port } = await startHttpServer();
      const received = await sendRaw(
        port,
        `${method} /messages HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      );
      expect(received).toMatch(/^HTTP\/1.1 405 /);
      expect(received).toContain('allow: POST, PUT\r\n');
      expect(received).toContain('content-type: text/plain; charset=utf-8\r\n');
    },
  );

  test('for an unknown path, and for one that cannot be decoded', async () => {
    const { port } = await startHttpServer();
    for (const target of [
      '/nothing',
      '/%zz',
      '//',
      '/v1/messages/',
      `/v1/messages/${'x'.repeat(500)}`,
      '*',
    ]) {
      const received = await sendRaw(port, `POST ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      expect(received, target).toMatch(/^HTTP\/1.1 (404|405) /);
      expect(received, target).toMatch(/\r\n\r\n{"error":{"code":"(not_found|method_not_allowed)"/);
    }
  });

  test('for a request without Host', async () => {
    const { port } = await startHttpServer();
    const received = await sendRaw(port, 'POST /messages HTTP/1.1\r\nConnection: close\r\n\r\n');
    expect(received).toMatch(/^HTTP\/1.1 400 .*\r\n\r\nThe Host header field is missing.\n$/s);
  });

  test('for a request with two Host fields', async () => {
    const { port } = await startHttpServer();
    const received = await sendRaw(
      port,
      'POST /messages HTTP/1.1\r\nHost: localhost\r\nhost: evil.test\r\nConnection: close\r\n\r\n',
    );
    expect(received).toMatch(/^HTTP\/1.1 400 .*\r\n\r\nThere are two Host header fields.\n$/s);
  });

  test('also for pages that belong to no API', async () => {
    const { url } = await startHttpServer();
    const response = await fetch(`${url}/healthz`, { method: 'DELETE' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  test('for a bug, and the log has no query', async () => {
    const reports: object[] = [];
    const fail = async () => {
      throw new TypeError('canary-internal');
    };
    const { url } = await startHttpServer(fail, { log: { error: details => reports.push(details) } });
    const response = await fetch(`${url}/messages?password=canary-query`, { method: 'POST', body: MESSAGE });
    expect([response.status, await response.text()]).toEqual([500, 'Internal error\n']);
    expect(reports).toMatchObject([{ dialect: 'powermta', method: 'POST', route: '/messages' }]);
    expect(JSON.stringify(reports)).not.toContain('canary-query');
  });
});

describe('bytes that are not an HTTP request', () => {
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
  ])('%j are answered with one line of text and %i', async (bytes, status) => {
    const { port } = await startHttpServer();
    const received = await sendRaw(port, bytes);
    expect(received).toMatch(new RegExp(`^HTTP/1.1 ${status} [^\r]+\r\nContent-Type: text/plain`));
    expect(received).toMatch(/\r\nConnection: close\r\n\r\n[A-Z][\w ]+\n$/);
  });

  test('close the connection without an answer while a request is running on it', async () => {
    const asked: string[] = [];
    const never: Answer = operation => {
      asked.push(operation);
      return new Promise(() => {});
    };
    const { port } = await startHttpServer(never);
    const socket = connect(port, '127.0.0.1');
    const received = allOf(socket);
    socket.write(postBytes(MESSAGE));
    await expect.poll(() => asked).toEqual(['submit']);
    socket.write('garbage\r\n\r\n');
    expect(await received).toBe('');
  });
});

describe('a request body', () => {
  test('over the limit is refused by its Content-Length, before any byte arrives', async () => {
    const { port } = await startHttpServer();
    const socket = connect(port, '127.0.0.1');
    socket.write(`POST /messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${33 * MIB}\r\n\r\n`);
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1.1 413 /);
    socket.destroy();
  });

  test('over the limit is refused while it is read, if it has no length', async () => {
    const { url } = await startHttpServer();
    // The client may send much of this before it reads the answer, but not all of it.
    const total = 90 * MIB;
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += MIB;
        if (sent > total) controller.close();
        else controller.enqueue(new Uint8Array(MIB));
      },
    });
    const response = await fetch(`${url}/messages`, { method: 'POST', body, duplex: 'half' } as RequestInit);
    expect(response.status).toBe(413);
    expect(sent).toBeLessThan(total);
  });

  test('over the limit does not prevent the client from reading the answer, or from sending the next request', async () => {
    const { url } = await startHttpServer();
    const response = await fetch(`${url}/messages`, { method: 'POST', body: Buffer.alloc(40 * MIB, 0x20) });
    expect([response.status, await response.text()]).toEqual([
      413,
      'The body is larger than 33554432 bytes.\n',
    ]);
    expect((await fetch(`${url}/messages`, { method: 'POST', body: MESSAGE })).status).toBe(200);
  });

  test('in chunks is joined', async () => {
    const inputs: unknown[] = [];
    const { port } = await startHttpServer(async (_operation, input) => {
      inputs.push(input);
      return ACCEPTED;
    });
    const pieces = [...MESSAGE].map(char => `1\r\n${char}\r\n`).join('');
    const received = await sendRaw(
      port,
      `POST /messages HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${pieces}0\r\n\r\n`,
    );
    expect(received).toMatch(/^HTTP\/1.1 200 OK\r\ncontent-length: 0\r\n/);
    expect(received).not.toMatch(/content-type/i);
    expect(inputs).toMatchObject([{ envelope: { sender: 'a@b.c', recipients: ['d@e.f'] } }]);
  });

  test('that is truncated is not accepted', async () => {
    const asked: string[] = [];
    const { port, url } = await startHttpServer(async operation => {
      asked.push(operation);
      return ACCEPTED;
    });
    const socket = connect(port, '127.0.0.1');
    socket.end(postBytes(MESSAGE).slice(0, -1));
    await allOf(socket);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(asked).toEqual([]);
  });

  test('is requested with 100 Continue only after the credential was checked', async () => {
    const { port } = await startHttpServer();
    const answers = await Promise.all(
      ['pk_1_bad', GOOD_KEY].map(key => expectContinue(port, { authorization: `Bearer ${key}` })),
    );
    expect(answers).toEqual([
      { status: 401, gotContinue: false },
      { status: 202, gotContinue: true },
    ]);
  });
});

/** Sends a message with `Expect: 100-continue`, and its body only after a 100 response. */
function expectContinue(port: number, headers: Record<string, string>) {
  return new Promise<{ status: number | undefined; gotContinue: boolean }>((resolve, reject) => {
    let gotContinue = false;
    const request = httpRequest({
      port,
      host: '127.0.0.1',
      path: '/v1/messages',
      method: 'POST',
      headers: { ...headers, expect: '100-continue', 'content-length': MESSAGE.length },
    });
    request.on('continue', () => {
      gotContinue = true;
      request.end(MESSAGE);
    });
    request.on('response', (response: IncomingMessage) => {
      response.resume();
      resolve({ status: response.statusCode, gotContinue });
      request.destroy();
    });
    request.on('error', reject);
    request.flushHeaders();
  });
}

describe('a credential', () => {
  test('without the scope is refused', async () => {
    const account = newAccount({ id: 1, name: 'a', allowedSenders: ['*'], createdAt: 0 });
    const { url } = await startHttpServer(accept, {
      authenticate: () => ({ account, scopes: ['read'], by: 7 }),
    });
    const response = await fetch(`${url}/v1/messages`, {
      method: 'POST',
      body: MESSAGE,
      headers: { authorization: 'Bearer x' },
    });
    expect([response.status, await response.json()]).toMatchObject([403, { error: { code: 'forbidden' } }]);
  });

  test('is not checked after too many wrong ones, and the answer is 429', async () => {
    const { url } = await startHttpServer(accept, {
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
