import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import {
  ACCEPTED,
  type Answer,
  accept,
  MESSAGE,
  postBytes,
  sendRaw,
  startHttpServer,
} from '../../test/helpers/gates/http-server.ts';
import { GOOD_KEY } from '../../test/suites/dialect.ts';

describe('the server', () => {
  test('answers 408 when a header is too slow', async () => {
    const limits = { headerTimeoutMs: 100, requestTimeoutMs: 100, timeoutCheckMs: 50 };
    const { port } = await startHttpServer(accept, { limits });
    expect(await sendRaw(port, 'POST /messages HTTP/1.1\r\nHost: loc')).toMatch(/^HTTP\/1.1 408 /);
  });

  test('answers 408 when a body is too slow', async () => {
    const limits = { headerTimeoutMs: 100, requestTimeoutMs: 200, timeoutCheckMs: 50 };
    const { port } = await startHttpServer(accept, { limits });
    expect(await sendRaw(port, postBytes(MESSAGE).slice(0, -1))).toMatch(/^HTTP\/1.1 408 /);
  });

  test('drops connections over the limit', async () => {
    const { port, url } = await startHttpServer(accept, { limits: { maxConnections: 1 } });
    const first = connect(port, '127.0.0.1');
    await once(first, 'connect');
    expect(await sendRaw(port, postBytes(MESSAGE))).toBe('');
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

/** An operation that waits until it is aborted. */
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

describe('a waiting request', () => {
  const headers = { authorization: `Bearer ${GOOD_KEY}` };

  test('is aborted when the client disconnects', async () => {
    const wait = waiting({ events: [], cursor: '7' });
    const { url } = await startHttpServer(wait.answer);
    const gone = new AbortController();
    const answer = fetch(`${url}/v1/events?wait=60`, { headers, signal: gone.signal });
    const outcome = expect(answer).rejects.toThrow(/abort/i);
    await wait.isAsked;
    gone.abort();
    await outcome;
    await wait.isAborted;
  });

  test('gets its answer when the gate closes, and its connection is closed', async () => {
    const wait = waiting({ events: [], cursor: '7' });
    const { server, url } = await startHttpServer(wait.answer);
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

describe('closing the server', () => {
  test('starts with a drain: readyz answers 503, requests still work, and each answer closes its connection', async () => {
    const { server, url } = await startHttpServer();
    server.drain();
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    const answer = await fetch(`${url}/messages`, { method: 'POST', body: MESSAGE });
    expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close']);
  });

  test('waits for the answers of running requests', async () => {
    const { promise, resolve: finish } = Promise.withResolvers<unknown>();
    const { promise: isAsked, resolve: asked } = Promise.withResolvers<void>();
    const { server, url } = await startHttpServer(() => {
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

  test('closes the remaining connections after the grace period', async () => {
    const { promise: isAsked, resolve: asked } = Promise.withResolvers<void>();
    const { server, url } = await startHttpServer(() => {
      asked();
      return new Promise(() => {});
    });
    const outcome = expect(fetch(`${url}/messages`, { method: 'POST', body: MESSAGE })).rejects.toThrow();
    await isAsked;
    await server.close(50);
    await outcome;
  });
});
