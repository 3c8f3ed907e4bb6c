import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createGuardedDialer, createGuardedResolve, TargetRefusedError } from './guard.ts';
import type { Resolve } from './resolve.ts';

const nothing = () => false;

async function dial(options: { port: number; resolve: Resolve; allows?: (text: string) => boolean }) {
  const { port, resolve, allows = nothing } = options;
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
  it('never connects to an internal address, and says neither which nor why', async () => {
    const server = await listen();
    expect(await dial({ port: server.port, resolve: async () => ['127.0.0.1'] })).toEqual({
      ok: false,
      phase: 'dns',
      error: 'the host is not one that may be reached from here',
    });
    expect(server.connections()).toBe(0);
  });

  it('refuses a host for one internal address among good ones', async () => {
    const resolve = createGuardedResolve({
      allows: nothing,
      resolve: async () => ['8.8.8.8', '2606:4700::1', '10.0.0.1'],
    });
    await expect(resolve('mixed.test')).rejects.toThrow(TargetRefusedError);
  });

  it('asks once, so that a name cannot change its mind between the check and the connection', async () => {
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

  it('connects to what the operator lists, by name or by address', async () => {
    const server = await listen();
    const resolve: Resolve = async () => ['127.0.0.1'];
    for (const listed of ['host.test', '127.0.0.1']) {
      const dialed = await dial({ port: server.port, resolve, allows: text => text === listed });
      expect(dialed).toMatchObject({ ok: true, address: '127.0.0.1' });
    }
  });

  it('hands on what the resolver gives and what it throws', async () => {
    const resolve = createGuardedResolve({ allows: nothing, resolve: async () => ['8.8.4.4'] });
    expect(await resolve('public.test')).toEqual(['8.8.4.4']);
    const failing = createGuardedResolve({
      allows: nothing,
      resolve: () => Promise.reject(new Error('no DNS')),
    });
    await expect(failing('public.test')).rejects.toThrow('no DNS');
  });
});
