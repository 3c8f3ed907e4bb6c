import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type Cluster, startCluster } from '../../helpers/clusters/cluster.ts';
import { type FarEnd, startFarEnd } from '../../helpers/clusters/cluster-far-end.ts';
import { apiOf } from '../../helpers/gates/api.ts';
import { until } from '../../helpers/gates/gate.ts';

// What is said to one gate holds for the other, and what is to be done once is done once.

const TEMP_MAIL = {
  'tempMail.domains': 'temp-mail.test',
  'tempMail.jwtSecret': 'a-secret-for-tests-of-32-letters',
  'tempMail.adminPasswords': 'an-admin-password-for-tests',
  'tempMail.defaultBalance': 5,
};
const MAIL = { from: 'a@sender.test', to: 'b@rcpt.test', text: 'x' };

let far: FarEnd;
let cluster: Cluster;
beforeAll(async () => {
  far = await startFarEnd({ dotMs: 0 });
  const smarthost = `127.0.0.1:${far.sink.port}`;
  cluster = await startCluster({ nodes: 2, smarthost, settings: TEMP_MAIL });
});
afterAll(async () => {
  await cluster.stop();
  await far.sink.close();
});

const api = (n: number) => cluster.nodes[n % 2]?.api() ?? expect.fail('There is no such gate.');
const copiesOf = (subject: string) => far.transactions.filter(({ name }) => name === subject).length;

test('an idempotency key given to both at once is one message', async () => {
  const send = (n: number) =>
    api(n).call('POST', '/v1/messages', { ...MAIL, subject: 'one-key' }, { 'idempotency-key': 'order 7' });
  const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => send(n)));
  const ids = answers.map(({ text }) => (JSON.parse(text) as { id: string }).id);
  expect(new Set(ids).size).toBe(1);
  expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === 'true')).toHaveLength(19);
  await until(() => copiesOf('one-key') > 0, 'the message to be sent');
  await api(0).reachEmptyQueue();
  expect(copiesOf('one-key')).toBe(1);
});

test('a key revoked at one is soon refused by the other', async () => {
  const newKey = { account: 'default', name: 'shop', scopes: ['send', 'read'] };
  const { id, secret } = await api(0).ask<{ id: number; secret: string }>('POST', '/v1/keys', newKey);
  const gate = cluster.nodes[1]?.gate;
  const isKnown = async () =>
    gate !== undefined && (await apiOf(gate, secret).call('GET', '/v1/messages')).status === 200;
  await until(isKnown, 'the key to be known');
  await api(0).ask('DELETE', `/v1/keys/${id}`);
  await until(async () => !(await isKnown()), 'the key to be refused');
});

test('a provider added at one, and another switched off there, is what the other sends by', async () => {
  const { port } = far.sink;
  const own = { host: '127.0.0.1', port, encryption: 'none', senderDomains: ['own.test'] };
  const { providers } = await api(0).ask<{ providers: { id: number }[] }>('GET', '/v1/providers');
  const provider = await api(0).addProvider(own);
  for (const { id } of providers) await api(0).ask('PATCH', `/v1/providers/${id}`, { isEnabled: false });
  const isUsed = async () => {
    const id = await api(1).send({ ...MAIL, from: 'a@own.test', subject: 'own' });
    return (await api(1).reach(id, 'delivered')).attempts.some(attempt => attempt.provider === provider);
  };
  await until(isUsed, 'the other gate to use the provider');
  for (const { id } of providers) await api(0).ask('PATCH', `/v1/providers/${id}`, { isEnabled: true });
  await api(0).ask('DELETE', `/v1/providers/${provider}`);
});

test('a balance spent at both at once never goes below nothing', async () => {
  const admin = { 'x-admin-auth': TEMP_MAIL['tempMail.adminPasswords'] };
  const address = { name: 'spender', domain: 'temp-mail.test', enablePrefix: false };
  const made = await api(0).call('POST', '/admin/new_address', address, admin);
  const { jwt } = JSON.parse(made.text) as { jwt: string };
  const letter = {
    ...{ from_name: '', to_name: '', to_mail: 'b@rcpt.test', is_html: false },
    ...{ subject: 'spent', content: 'x', token: jwt },
  };
  const answers = await Promise.all(
    Array.from({ length: 16 }, (_, n) => api(n).call('POST', '/external/api/send_mail', letter)),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
  expect(await cluster.rows('select balance::integer from balances')).toEqual([{ balance: 0 }]);
});

test('an event that one writes reaches those who wait at the other', async () => {
  const { cursor } = await api(1)
    .ask<{ cursor: string }>('GET', '/v1/events?after=newest')
    .catch(async () => {
      const events = await api(1).events();
      return { cursor: events.at(-1)?.id ?? '0' };
    });
  const startedAt = performance.now();
  const waiting = api(1).ask<{ events: unknown[] }>('GET', `/v1/events?after=${cursor}&wait=60`);
  await api(0).send({ ...MAIL, subject: 'heard' });
  expect((await waiting).events.length).toBeGreaterThan(0);
  // Woken, and not because the time to wait was over.
  expect(performance.now() - startedAt).toBeLessThan(60_000);
});

test('who watches the figures of one sees what the other accepted', async () => {
  interface Figures {
    readonly totals: { readonly accepted: number };
  }
  const gate = cluster.nodes[1]?.gate ?? expect.fail('There is no such gate.');
  const { totals } = await api(1).ask<Figures>('GET', '/v1/overview');
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const headers = { authorization: `Bearer ${gate.adminToken}` };
  const response = await fetch(`${gate.http}/v1/overview/stream`, { headers, signal: stop.signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  await api(0).sendMany(Array.from({ length: 7 }, () => ({ ...MAIL, subject: 'watched' })));
  let text = '';
  const accepted = () => [...text.matchAll(/"accepted":(\d+)/g)].map(([, count]) => Number(count));
  while (!accepted().some(count => count >= totals.accepted + 7)) {
    const { done, value = '' } = (await reader?.read()) ?? { done: true };
    if (done) expect.fail('The stream has ended.');
    text += value;
  }
});

test('a webhook gets every event once, also when the gate that posted is killed', async () => {
  const posts: string[] = [];
  const server = createServer(async (request, response) => {
    for await (const chunk of request) posts.push(String(chunk));
    response.writeHead(204).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.closeAllConnections());
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const webhook = { url: `http://127.0.0.1:${port}/`, events: ['delivered'] };
  const { accounts } = await api(0).ask<{ accounts: { id: number; name: string }[] }>('GET', '/v1/accounts');
  const account = accounts.find(({ name }) => name === 'default');
  await api(0).ask('PATCH', `/v1/accounts/${account?.id}`, { webhook });
  const idsOf = () => posts.map(post => (JSON.parse(post) as { data: { messageId: string } }).data.messageId);
  // Mail of the tests before may be delivered, and posted, only now.
  const postsOf = (ids: readonly string[]) =>
    idsOf()
      .filter(id => ids.includes(id))
      .toSorted();
  const sendSome = (count: number) =>
    Promise.all(Array.from({ length: count }, (_, n) => api(n).send({ ...MAIL, subject: `hook-${n}` })));

  await until(
    async () => (await cluster.rows(`select 1 from cursors where reader like 'webhook:%'`)).length > 0,
    'the webhook to be served',
  );
  const first = await sendSome(30);
  await until(() => first.every(id => idsOf().includes(id)), 'all events to be posted');
  expect(postsOf(first)).toEqual(first.toSorted());

  await cluster.nodes[0]?.kill();
  await cluster.nodes[0]?.start();
  const second = await sendSome(10);
  await until(() => second.every(id => idsOf().includes(id)), 'the other gate to post');
  expect(postsOf(second)).toEqual(second.toSorted());
});
