import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import {
  ACCEPTED,
  type Answer,
  accept,
  MESSAGE,
  postBytes,
  startHttpServer,
  talk,
} from '../../test/helpers/http-server.ts';
import { GOOD_KEY } from '../../test/suites/dialect.ts';

describe('slow clients', () => {
  test('get so long for their header', async () => {
    const limits = { headerTimeoutMs: 100, requestTimeoutMs: 100, timeoutCheckMs: 50 };
    const { port } = await startHttpServer(accept, { limits });
    expect(await talk(port, 'POST /messages HTTP/1.1\r\nHost: loc')).toMatch(/^HTTP\/1.1 408 /);
  });

  test('and so long for their body', async () => {
    const limits = { headerTimeoutMs: 100, requestTimeoutMs: 200, timeoutCheckMs: 50 };
    const { port } = await startHttpServer(accept, { limits });
    expect(await talk(port, postBytes(MESSAGE).slice(0, -1))).toMatch(/^HTTP\/1.1 408 /);
  });

  test('beyond the connection cap are dropped', async () => {
    const { port, url } = await startHttpServer(accept, { limits: { maxConnections: 1 } });
    const first = connect(port, '127.0.0.1');
    await once(first, 'connect');
    expect(await talk(port, postBytes(MESSAGE))).toBe('');
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
    const { url } = await startHttpServer(wait.answer);
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

describe('closing', () => {
  test('may be announced: not ready, and yet at work, each answer the last on its connection', async () => {
    const { server, url } = await startHttpServer();
    server.drain();
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    const answer = await fetch(`${url}/messages`, { method: 'POST', body: MESSAGE });
    expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close']);
  });

  test('lets what is under way be answered', async () => {
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

  test('cuts what is left after the grace', async () => {
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
