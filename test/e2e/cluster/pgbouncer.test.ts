import { describe, expect, onTestFinished, test } from 'vitest';
import { apiOf } from '../../helpers/gates/api.ts';
import { type RunningGate, startGate, until } from '../../helpers/gates/gate.ts';
import { startSmtpSink } from '../../helpers/mail-servers/smtp-sink.ts';
import { needs } from '../../helpers/programs/outside.ts';
import { startPgBouncer } from '../../helpers/stores/pgbouncer.ts';
import { startPostgres } from '../../helpers/stores/postgres-server.ts';

const COUNT = 400;
/** By itself it waits 15 s before it tries a server again that it could not reach, and lets clients wait for two minutes. */
const SOON_TRIED_AGAIN = ['server_login_retry = 1', 'query_wait_timeout = 5'];

describe.runIf(needs('gates behind PgBouncer', 'pgbouncer'))('behind PgBouncer in transaction mode', () => {
  test('two gates send each message once, and hear of each other by looking', async () => {
    const server = await startPostgres();
    onTestFinished(() => server.stop());
    const bouncer = await startPgBouncer(server);
    onTestFinished(() => bouncer.stop());
    const sink = await startSmtpSink();
    onTestFinished(() => sink.close());
    await server.createDatabase('bounced');
    const store = `${bouncer.databases.url('bounced')}?listen=off`;
    const start = async () => {
      const gate = await startGate({ args: ['--store', store], smarthost: `127.0.0.1:${sink.port}` });
      onTestFinished(async () => void (await gate.stop()));
      return gate;
    };
    const gates = [await start(), await start()];
    const apis = gates.map(gate => apiOf(gate, gate.adminToken));

    const names = Array.from({ length: COUNT }, (_, n) => `bounced ${n}`);
    const mail = (subject: string) => ({ from: 'a@sender.test', to: 'b@rcpt.test', subject, text: 'x' });
    const ids = await Promise.all(names.map((name, n) => apis[n % 2]?.send(mail(name))));
    expect(new Set(ids).size).toBe(COUNT);
    await apis[0]?.reachEmptyQueue();
    const subjects = sink.messages.map(({ bytes }) => /^Subject: (.*)\r$/m.exec(String(bytes))?.[1]);
    expect(subjects.sort()).toEqual(names.sort());
    const events = await apis[1]?.events();
    expect(events?.filter(({ type }) => type === 'delivered')).toHaveLength(COUNT);

    const newKey = { account: 'default', name: 'shop', scopes: ['send'] };
    const key = await apis[0]?.ask<{ id: number; secret: string }>('POST', '/v1/keys', newKey);
    const other = apiOf(gates[1] ?? { http: '' }, key?.secret);
    const isKnown = async () => (await other.call('POST', '/v1/messages', mail('x'))).status < 300;
    await until(isKnown, 'the key to be known to the other gate');
    await apis[0]?.ask('DELETE', `/v1/keys/${key?.id}`);
    await until(async () => !(await isKnown()), 'the key to be revoked there, too');
    const clients = await server.query<{ count: string }>(
      'bounced',
      `select count(*) from pg_stat_activity where datname = 'bounced' and application_name = 'postern'`,
    );
    // Theirs together are not more than PgBouncer's.
    expect(Number(clients[0]?.count)).toBeLessThanOrEqual(6);
  });

  test('a gate refuses mail while the server is away, loses nothing, and goes on when it is back', async () => {
    const server = await startPostgres();
    onTestFinished(() => server.stop());
    const bouncer = await startPgBouncer(server, SOON_TRIED_AGAIN);
    onTestFinished(() => bouncer.stop());
    const sink = await startSmtpSink();
    onTestFinished(() => sink.close());
    await server.createDatabase('away');
    const store = `${bouncer.databases.url('away')}?listen=off`;
    const gate = await startGate({ args: ['--store', store], smarthost: `127.0.0.1:${sink.port}` });
    onTestFinished(async () => void (await gate.stop()));
    const acknowledged: string[] = [];
    const refusals = new Set<string>();
    let isLoading = true;
    const load = (async () => {
      for (let n = 0; isLoading; n++) {
        const answer = await post(gate, `away-${n}`);
        if (answer.status === 200) acknowledged.push(`away-${n}`);
        else refusals.add(`${answer.status} ${answer.headers.get('retry-after')}`);
      }
    })();
    const more = () => {
      const enough = acknowledged.length + 30;
      return until(() => acknowledged.length >= enough, 'mail to be accepted');
    };
    await more();
    await server.crash();
    await until(() => refusals.size > 0, 'mail to be refused');
    await server.start();
    await more();
    isLoading = false;
    await load;
    expect([...refusals]).toEqual(['503 5']);
    await sink.until(() =>
      acknowledged.every(name => sink.messages.some(({ bytes }) => bytes.includes(`${name}\r\n`))),
    );
  });
});

function post({ http }: RunningGate, subject: string): Promise<Response> {
  const body = JSON.stringify({ from: 'a@sender.test', to: 'b@rcpt.test', subject, text: 'x' });
  return fetch(`${http}/messages`, { method: 'POST', body });
}
