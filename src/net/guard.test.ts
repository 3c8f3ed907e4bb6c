import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createGuardedDialer, createGuardedResolve, TargetRefusedError } from './guard.ts';
import type { Resolve } from './resolve.ts';

const allowNothing = () => false;

async function dial(options: { port: number; resolve: Resolve; allows?: (text: string) => boolean }) {
  const { port, resolve, allows = allowNothing } = options;
  const dialed = await createGuardedDialer({ allows, resolve })({
    host: 'host.test',
    port,
    dnsTimeoutMs: 5_000,
    connectTimeoutMs: 5_000,
    signal: new AbortController().signal,
  });
  if (dialed.ok) onTestFinished(() => void dialed.socket.destroy());
  return dialed;
}

async function listen() {
  let connections = 0;
  const server = createServer(socket => {
    connections++;
    socket.on('error', () => {}).resume();
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, connections: () => connections };
}

describe('guarded dialer', () => {
  it('does not connect to an internal address, and reveals neither the address nor the reason', async () => {
    const server = await listen();
    expect(await dial({ port: server.port, resolve: async () => ['127.0.0.1'] })).toEqual({
      ok: false,
      phase: 'dns',
      error: 'connections to this host are not allowed',
    });
    expect(server.connections()).toBe(0);
  });

  it('refuses a host with one internal address among public ones', async () => {
    const resolve = createGuardedResolve({
      allows: allowNothing,
      resolve: async () => ['8.8.8.8', '2606:4700::1', '10.0.0.1'],
    });
    await expect(resolve('mixed.test')).rejects.toThrow(TargetRefusedError);
  });

  it('resolves a name once, so that the connection uses the addresses that were checked', async () => {
    const server = await listen();
    let asked = 0;
    const flipping: Resolve = async () => [asked++ === 0 ? '127.0.0.9' : '127.0.0.1'];
    const dialed = await dial({
      port: server.port,
      resolve: flipping,
      allows: text => text === '127.0.0.9',
    });
    expect(dialed).toMatchObject({ ok: false, phase: 'connect' });
    expect([asked, server.connections()]).toEqual([1, 0]);
  });

  it('connects to the hosts and addresses that the operator allows', async () => {
    const server = await listen();
    const resolve: Resolve = async () => ['127.0.0.1'];
    for (const listed of ['host.test', '127.0.0.1']) {
      const dialed = await dial({ port: server.port, resolve, allows: text => text === listed });
      expect(dialed).toMatchObject({ ok: true, address: '127.0.0.1' });
    }
  });

  it('returns what the resolver returns and throws what it throws', async () => {
    const resolve = createGuardedResolve({ allows: allowNothing, resolve: async () => ['8.8.4.4'] });
    expect(await resolve('public.test')).toEqual(['8.8.4.4']);
    const failing = createGuardedResolve({
      allows: allowNothing,
      resolve: () => Promise.reject(new Error('no DNS')),
    });
    await expect(failing('public.test')).rejects.toThrow('no DNS');
  });
});
