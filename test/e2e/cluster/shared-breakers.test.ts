import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type Api, apiOf } from '../../helpers/gates/api.ts';
import { type RunningGate, startGate, until } from '../../helpers/gates/gate.ts';
import { startPostgres } from '../../helpers/stores/postgres-server.ts';

interface Overview {
  readonly providers: readonly { readonly id: number; readonly health: string }[];
}

async function healthOf(api: Api, provider: number): Promise<string | undefined> {
  const { providers } = await api.ask<Overview>('GET', '/v1/overview');
  return providers.find(({ id }) => id === provider)?.health;
}

/** An SMTP server that hangs up on everybody. */
async function startDeadServer() {
  let connections = 0;
  const server = createServer(socket => {
    connections += 1;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await new Promise(resolve => server.once('listening', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, connections: () => connections };
}

test('a gate learns from another that a provider is down, and tries it once itself', async () => {
  const server = await startPostgres();
  onTestFinished(() => server.stop());
  await server.createDatabase('breakers');
  const start = async (): Promise<RunningGate> => {
    const gate = await startGate({ args: ['--store', server.url('breakers')] });
    onTestFinished(async () => void (await gate.stop()));
    return gate;
  };
  const [one, other] = [await start(), await start()].map(gate => apiOf(gate, gate.adminToken));
  if (one === undefined || other === undefined) throw new Error('two gates');
  const dead = await startDeadServer();
  const settings = { host: '127.0.0.1', port: dead.port, encryption: 'none', senderDomains: ['a.test'] };
  const provider = await one.addProvider(settings);
  await until(async () => (await healthOf(other, provider)) === 'up', 'the other gate to know the provider');
  const { providers } = await one.ask<{ providers: { id: number; kind: string }[] }>('GET', '/v1/providers');
  for (const { id, kind } of providers)
    if (kind === 'capture') await one.ask('DELETE', `/v1/providers/${id}`);

  const mail = { from: 'x@a.test', to: 'y@b.test', subject: 'x', text: 'x' };
  await one.sendMany(Array.from({ length: 8 }, () => mail));
  await until(async () => (await healthOf(one, provider)) === 'open', 'the breaker to open');
  await until(async () => (await healthOf(other, provider)) !== 'up', 'the other gate to hear of it');
  // With a hint alone it tries once, at once, and knows itself then; without it takes five. The first gate may probe, too.
  const before = dead.connections();
  await other.send(mail);
  await until(async () => (await healthOf(other, provider)) === 'open', 'its own breaker to open');
  expect(dead.connections() - before).toBeLessThan(4);
});
