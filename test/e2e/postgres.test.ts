import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningGate, startGate, until } from '../helpers/gate.ts';
import { runKillCampaign } from '../helpers/kill-campaign.ts';
import { type PostgresServer, startPostgres } from '../helpers/postgres-server.ts';
import { type SmtpSink, startSmtpSink } from '../helpers/smtp-sink.ts';
import { endLeases } from '../helpers/store-postgres.ts';

const MINUTES = 60_000;

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server.stop());

async function newStore(name: string): Promise<readonly string[]> {
  await server.createDatabase(name);
  return ['--store', server.url(name)];
}

describe('two gates on one PostgreSQL', () => {
  test('know the same keys, and send what either accepts once', async () => {
    const sink = await startSmtpSink();
    const args = await newStore('two_gates');
    const start = () => startGate({ args, smarthost: `127.0.0.1:${sink.port}` });
    const [one, other] = [await start(), await start()];
    try {
      const made = await admin(one, 'POST', '/keys', { account: 'default', name: 'shop', scopes: ['send'] });
      const { id, secret } = (await made.json()) as { id: number; secret: string };
      const isKnown = async () => (await post(other, 'with a key', `Bearer ${secret}`)).status === 200;
      await until(isKnown, 'the key to be known to the other gate', 1_000);
      await admin(one, 'DELETE', `/keys/${id}`);
      await until(async () => !(await isKnown()), 'the key to be revoked there, too', 1_000);

      const names = Array.from({ length: 200 }, (_, n) => `shared-${n}`);
      await Promise.all(
        names.map(async (name, n) => expect((await post(n % 2 ? one : other, name)).status).toBe(200)),
      );
      await until(() => names.every(name => copiesOf(sink, name) > 0), 'all of it to arrive', MINUTES);
      expect(names.map(name => copiesOf(sink, name))).toEqual(names.map(() => 1));
    } finally {
      await Promise.all([one.stop(), other.stop()]);
      await sink.close();
    }
  });
});

describe('a gate on PostgreSQL', () => {
  test('killed under load loses nothing, and repeats nothing that was not recorded as unknown', {
    timeout: 4 * MINUTES,
  }, async () => {
    const [, store = ''] = await newStore('killed');
    const report = await runKillCampaign({ kills: 5, store, endLease: () => endLeases(server, 'killed') });
    expect(report.acknowledged).toBeGreaterThan(100);
    expect(report.lost).toEqual([]);
    expect(report.unexplained).toEqual([]);
  });

  test('refuses mail while the server is away, loses nothing, and goes on within 10 s', {
    timeout: 2 * MINUTES,
  }, async () => {
    const sink = await startSmtpSink();
    const gate = await startGate({ args: await newStore('away'), smarthost: `127.0.0.1:${sink.port}` });
    const acknowledged: string[] = [];
    const refusals = new Set<string>();
    let isLoading = true;
    const client = async (_: unknown, n: number) => {
      for (let i = 0; isLoading; i++) {
        const name = `away-${n}-${i}`;
        const reply = await post(gate, name);
        if (reply.status === 200) acknowledged.push(name);
        else refusals.add(`${reply.status} ${reply.headers.get('retry-after')}`);
      }
    };
    try {
      const clients = Array.from({ length: 5 }, client);
      for (let crash = 0; crash < 3; crash++) {
        const enough = acknowledged.length + 50;
        await until(() => acknowledged.length >= enough, 'mail to be accepted', 10_000);
        await server.crash();
        await server.start();
      }
      const enough = acknowledged.length + 50;
      await until(() => acknowledged.length >= enough, 'mail to be accepted again', 10_000);
      isLoading = false;
      await Promise.all(clients);
      expect([...refusals]).toEqual(['503 5']);
      const isThere = (name: string) => copiesOf(sink, name) > 0;
      await until(() => acknowledged.every(isThere), 'all of it to arrive', MINUTES);
    } finally {
      isLoading = false;
      await gate.stop();
      await sink.close();
    }
  });
});

function post(gate: RunningGate, subject: string, authorization?: string): Promise<Response> {
  return fetch(`${gate.http}/messages`, {
    method: 'POST',
    body: JSON.stringify({ from: 'a@sender.test', to: 'b@rcpt.test', subject, text: 'x' }),
    ...(authorization !== undefined && { headers: { authorization } }),
  });
}

function admin(gate: RunningGate, method: string, path: string, body?: object): Promise<Response> {
  return fetch(`${gate.http}/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${gate.adminToken}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

function copiesOf(sink: SmtpSink, subject: string): number {
  return sink.messages.filter(({ bytes }) => bytes.includes(`Subject: ${subject}\r\n`)).length;
}
