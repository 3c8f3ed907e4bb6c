import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { createDialer, type Dialed, type DialRequest } from './dial.ts';
import type { Resolve } from './resolve.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function listen(host: string, port = 0): Promise<number> {
  const server: Server = createServer(socket => socket.on('error', () => {}).resume());
  await new Promise<void>(resolve => server.listen(port, host, resolve));
  cleanups.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** Returns a port that never accepts connections: its process is blocked, and its backlog is full. */
async function listenAsleep(): Promise<number> {
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads');
     const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
       parentPort.postMessage(server.address().port);
       setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
     });`,
    { eval: true },
  );
  cleanups.push(() => worker.terminate());
  const port = await new Promise<number>(resolve => worker.once('message', resolve));
  const queued = [1, 2, 3].map(() => connect(port, '127.0.0.1').on('error', () => {}));
  cleanups.push(() => queued.forEach(close));
  await new Promise<void>(resolve => queued[1]?.once('connect', resolve));
  return port;
}

function close(socket: Socket): void {
  socket.destroy();
}

async function dial(port: number, resolve?: Resolve, request: Partial<DialRequest> = {}): Promise<Dialed> {
  const dialed = await createDialer(resolve)({
    host: 'host.test',
    port,
    dnsTimeoutMs: 5_000,
    connectTimeoutMs: 5_000,
    signal: new AbortController().signal,
    ...request,
  });
  if (dialed.ok) cleanups.push(() => close(dialed.socket));
  return dialed;
}

describe('dialer', () => {
  it('connects to an address literal and to a host name of the system', async () => {
    const port = await listen('127.0.0.1');
    expect(await dial(port, undefined, { host: '127.0.0.1' })).toMatchObject({ address: '127.0.0.1' });
    expect(await dial(port, undefined, { host: 'localhost' })).toMatchObject({ address: '127.0.0.1' });
  });

  it('connects only to the addresses that the resolver returns, also for literals', async () => {
    const port = await listen('127.0.0.2');
    const asked: string[] = [];
    const resolve: Resolve = async host => {
      asked.push(host);
      return ['127.0.0.2'];
    };
    expect(await dial(port, resolve, { host: '127.0.0.1' })).toMatchObject({
      ok: true,
      address: '127.0.0.2',
    });
    expect(asked).toEqual(['127.0.0.1']);
  });

  it('reports the addresses before it tries them', async () => {
    const port = await listen('127.0.0.1');
    const told: (readonly string[])[] = [];
    await dial(port, async () => ['127.0.0.3', '127.0.0.1'], { onResolved: found => told.push(found) });
    expect(told).toEqual([['127.0.0.3', '127.0.0.1']]);
  });

  it('tries the next address immediately when one refuses', async () => {
    const port = await listen('127.0.0.2');
    const dialed = await dial(port, async () => ['127.0.0.1', '127.0.0.3', '127.0.0.2']);
    expect(dialed).toMatchObject({ ok: true, address: '127.0.0.2' });
  });

  it('tries the next address in parallel when one does not answer', async () => {
    const port = await listenAsleep();
    await listen('127.0.0.2', port);
    const dialed = await dial(port, async () => ['127.0.0.1', '127.0.0.2']);
    expect(dialed).toMatchObject({ ok: true, address: '127.0.0.2' });
  });

  it('reports the last address that failed, and the error', async () => {
    const port = await listen('127.0.0.2');
    expect(await dial(port, async () => ['127.0.0.1', '127.0.0.3'])).toEqual({
      ok: false,
      phase: 'connect',
      error: 'connection refused (127.0.0.3)',
    });
  });

  it('fails after the time limit when no address answers', async () => {
    const port = await listenAsleep();
    expect(await dial(port, async () => ['127.0.0.1'], { connectTimeoutMs: 50 })).toEqual({
      ok: false,
      phase: 'connect',
      error: 'no connection within 50 ms',
    });
  });

  it('stops while it connects', async () => {
    const port = await listenAsleep();
    const stop = new AbortController();
    const dialing = dial(port, async () => ['127.0.0.1'], {
      signal: stop.signal,
      onResolved: () => setImmediate(() => stop.abort()),
    });
    expect(await dialing).toMatchObject({ phase: 'connect', error: 'stopped while connecting' });
  });

  it.each<[string, Resolve, string]>([
    ['fails', () => Promise.reject(new Error('address is not allowed')), 'address is not allowed'],
    ['does not find the name', notFound, 'host name not found'],
    ['finds no address', async () => [], 'host.test has no address'],
    ['never ends', () => new Promise(() => {}), 'host.test was not resolved within 20 ms'],
  ])('reports the error when the lookup %s', async (_, resolve, error) => {
    expect(await dial(1, resolve, { dnsTimeoutMs: 20 })).toEqual({ ok: false, phase: 'dns', error });
  });

  it('stops while it resolves the host name', async () => {
    const never: Resolve = () => new Promise(() => {});
    const dialed = await dial(1, never, { signal: AbortSignal.timeout(10) });
    expect(dialed).toMatchObject({ phase: 'dns', error: 'stopped while resolving the host name' });
  });
});

async function notFound(): Promise<never> {
  throw Object.assign(new Error('getaddrinfo ENOTFOUND host.test'), { code: 'ENOTFOUND' });
}
