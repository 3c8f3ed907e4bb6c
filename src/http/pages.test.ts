import { describe, expect, test } from 'vitest';
import { accept, startHttpServer } from '../../test/helpers/gates/http-server.ts';
import { GOOD_KEY } from '../../test/suites/dialect.ts';

describe('pages', () => {
  test.each([
    ['/healthz', 200, /^ok\n$/],
    ['/readyz', 200, /^ready\n$/],
    ['/metrics', 200, /^up 1\n$/],
    ['/openapi.json', 200, /"openapi": "3.1.0"/],
    ['/docs', 200, /^<!doctype html>/],
  ])('%s answers %i, and HEAD the same without the body', async (path, status, text) => {
    const { url } = await startHttpServer();
    const [got, head] = await Promise.all([fetch(url + path), fetch(url + path, { method: 'HEAD' })]);
    const body = await got.text();
    expect([got.status, head.status, await head.text()]).toEqual([status, status, '']);
    expect(body).toMatch(text);
    expect(head.headers.get('content-length')).toBe(String(Buffer.byteLength(body)));
  });

  test('report a store that cannot be written', async () => {
    const { url } = await startHttpServer(accept, { isReady: () => false });
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test('show metrics for a valid key, and without a key where the keyless rules permit it', async () => {
    const { url } = await startHttpServer(accept, { keyless: () => undefined });
    expect((await fetch(`${url}/metrics`)).status).toBe(401);
    const headers = { authorization: `Bearer ${GOOD_KEY}` };
    expect((await fetch(`${url}/metrics`, { headers })).status).toBe(200);
  });

  test('report the duration of each request with its route', async () => {
    const seen: object[] = [];
    const { url } = await startHttpServer(accept, { observe: answered => seen.push(answered) });
    await fetch(`${url}/v1/messages/0123456789abc`);
    expect(seen).toEqual([
      { dialect: 'v1', route: '/v1/messages/:id', status: 401, durationMs: expect.any(Number) },
    ]);
  });
});
