import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { createBodyReader } from './body-reader.ts';

const NO_RESPONSE = {} as ServerResponse;

/** A request whose body arrives when the test pushes it. */
function upload(headers: Record<string, string> = { 'transfer-encoding': 'chunked' }) {
  const stream = new Readable({ read() {} });
  return Object.assign(stream, { headers }) as Readable & IncomingMessage;
}

const whole = (size: number) => {
  const request = upload();
  request.push(Buffer.alloc(size));
  request.push(null);
  return request;
};

describe('the body reader', () => {
  test('limits the size of all bodies in memory, and accepts more after a release', async () => {
    const bodies = createBodyReader(10);
    const first = await bodies.read(whole(6), NO_RESPONSE, 10);
    await expect(bodies.read(whole(6), NO_RESPONSE, 10)).rejects.toMatchObject({
      code: 'unavailable',
      details: { retryAfterSeconds: 1 },
    });
    expect(await bodies.read(whole(4), NO_RESPONSE, 10)).toHaveLength(4);
    bodies.release(first);
    expect(await bodies.read(whole(6), NO_RESPONSE, 10)).toHaveLength(6);
  });

  test('stops counting a body that was refused or ended early', async () => {
    const bodies = createBodyReader(10);
    for (let round = 0; round < 5; round++) {
      await expect(bodies.read(whole(9), NO_RESPONSE, 8)).rejects.toMatchObject({ code: 'too_large' });
      const request = upload();
      const reading = bodies.read(request, NO_RESPONSE, 10);
      request.push(Buffer.alloc(9));
      request.once('data', () => request.destroy());
      await expect(reading).rejects.toMatchObject({ code: 'malformed' });
    }
    expect(await bodies.read(whole(10), NO_RESPONSE, 10)).toHaveLength(10);
  });

  test('joins pieces in their order', async () => {
    const request = upload();
    const reading = createBodyReader(10).read(request, NO_RESPONSE, 10);
    for (const piece of ['ab', 'c', 'de']) request.push(piece);
    request.push(null);
    expect(String(await reading)).toBe('abcde');
  });

  test.each([
    [{ 'content-length': '11' }, 'too_large'],
    [{ 'content-length': '5', 'content-encoding': 'gzip' }, 'unsupported'],
  ])('refuses %j before it reads the body', async (headers, code) => {
    const request = upload(headers);
    await expect(createBodyReader(100).read(request, NO_RESPONSE, 10)).rejects.toMatchObject({ code });
    expect(request.listenerCount('data')).toBe(0);
  });

  test.each([[{}], [{ 'content-length': '0' }]])('returns an empty body for %j', async headers => {
    expect(await createBodyReader(10).read(upload(headers), NO_RESPONSE, 10)).toHaveLength(0);
  });
});
