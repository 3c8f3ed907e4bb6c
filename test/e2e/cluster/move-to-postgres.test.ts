import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openPostgresStore } from '../../../src/store/postgres/postgres-store.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import { type Api, apiOf } from '../../helpers/gates/api.ts';
import { postern, testFolder } from '../../helpers/gates/cli.ts';
import { until } from '../../helpers/gates/gate.ts';
import { type ServedGate, startServe } from '../../helpers/gates/serve.ts';
import { type SmtpSink, startSmtpSink } from '../../helpers/mail-servers/smtp-sink.ts';
import { type PostgresServer, startPostgres } from '../../helpers/stores/postgres-server.ts';
import { type SnapshotNames, snapshotOf } from '../../helpers/stores/store-snapshot.ts';

const TEMP_MAIL = { domain: 'temp-mail.test', password: 'an-admin-password-for-tests' };
const OPTIONS = { now: Date.now, minFreeBytes: 0, maxQueued: 100_000 };

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

describe('postern migrate --from sqlite: --to postgres:', () => {
  test('moves an installation whole, and what was under way is sent once or recorded as unknown', async () => {
    const farEnd = await startFarEnd();
    onTestFinished(() => farEnd.sink.close());
    const data = testFolder();
    const file = join(data, 'postern.sqlite');
    const old = await startServe({ data, settings: settingsOf(farEnd.sink, `sqlite:${file}`) });
    onTestFinished(() => old.kill('SIGKILL'));
    const filled = await fill(old, farEnd);
    await server.createDatabase('moved');
    const url = server.url('moved');

    const early = await postern(['migrate', '--from', `sqlite:${file}`, '--to', url]);
    expect([early.code, early.stderr]).toEqual([1, expect.stringContaining('is in use by process')]);
    old.kill('SIGKILL');
    await old.ended;
    const names = namesIn(file);
    const before = await snapshotOfSqlite(file, names);
    expect(before.depth.reduce((sum, { waiting }) => sum + waiting, 0)).toBeGreaterThan(50);

    const move = await postern(['migrate', '--json', '--from', `sqlite:${file}`, '--to', url]);
    expect(move).toMatchObject({ code: 0, stderr: '' });
    const report = JSON.parse(move.stdout) as { tables: { name: string; before: number; after: number }[] };
    expect(report).toMatchObject({ underWay: { unknown: 2 } });
    expect(report.tables.filter(({ before, after }) => before === 0 || before !== after)).toEqual([]);
    expect(await snapshotOfPostgres(url, names)).toEqual(before);

    await expectRefusals(file, url, data);
    const fresh = await startServe({ data, settings: settingsOf(farEnd.sink, url) });
    onTestFinished(() => fresh.kill('SIGKILL'));
    await expectToGoOn(fresh, farEnd, filled);
    expect((await fresh.stop()).code).toBe(0);
  });

  test('says what it cannot move, and where to', async () => {
    const data = testFolder();
    const nowhere = await postern([
      'migrate',
      '--from',
      `sqlite:${join(data, 'x')}`,
      '--to',
      server.url('x'),
    ]);
    expect(nowhere.stderr).toMatch(/There is no SQLite store at .*x\.\n/);
    const backwards = await postern(['migrate', '--from', 'postgres://a/b', '--to', 'sqlite:x']);
    expect(backwards).toMatchObject({ code: 2, stderr: expect.stringContaining('It must be sqlite:PATH.') });
    const halfway = await postern(['migrate', '--to', server.url('x')]);
    expect(halfway.stderr).toContain('--to needs --from');
    const sideways = await postern(['migrate', '--from', 'sqlite:x', '--to', 'sqlite:y']);
    expect(sideways.stderr).toContain("The target must be postgres://…, found 'sqlite:…'");
  });
});

interface FarEnd {
  readonly sink: SmtpSink;
  /** From now on it answers, and takes, everything. */
  heal(): void;
}

/** Refuses some, and never answers to others while it is ill. */
async function startFarEnd(): Promise<FarEnd> {
  const toOf = new Map<number, string>();
  const never = new Promise<undefined>(() => {});
  let isIll = true;
  const sink = await startSmtpSink({
    answer({ stage, line, session }) {
      if (stage === 'rcpt') toOf.set(session, /<(\w+)@/.exec(line)?.[1] ?? '');
      const to = toOf.get(session);
      if (stage === 'rcpt' && to === 'nobody') return '550 5.1.1 No such user';
      if (stage === 'rcpt' && to === 'busy') return '450 4.2.0 Come back later';
      if (stage === 'rcpt' && to === 'slow' && isIll) return never;
      if (stage === 'dot' && to === 'lost' && isIll) return never;
      return undefined;
    },
  });
  return {
    sink,
    heal() {
      isIll = false;
    },
  };
}

function settingsOf(sink: SmtpSink, store: string) {
  return {
    store,
    smarthost: `smtp://127.0.0.1:${sink.port}?tls=none`,
    'tempMail.domains': TEMP_MAIL.domain,
    'tempMail.jwtSecret': 'a-secret-for-tests-of-32-letters',
    'tempMail.adminPasswords': TEMP_MAIL.password,
    'tempMail.defaultBalance': 10,
    'delivery.unknownRetryMs': 600_000,
  };
}

interface Filled {
  readonly key: string;
  readonly repeated: string;
  readonly jwt: string;
  /** A cursor of the event log that a client keeps. */
  readonly cursor: string;
  readonly lost: readonly string[];
  readonly waiting: readonly string[];
}

/** Something of every kind, as an installation has it after a while, with mail that is under way and mail that waits. */
async function fill(gate: ServedGate, { sink }: FarEnd): Promise<Filled> {
  const api = apiOf(gate, gate.adminToken);
  await api.ask('POST', '/v1/users', { name: 'ada', role: 'admin', password: 'a good password' });
  const limits = { maxPerDay: 1_000 };
  await api.ask('POST', '/v1/accounts', { name: 'shop', allowedSenders: ['@shop.test'], limits });
  const newKey = { account: 'shop', name: 'bot', scopes: ['send', 'read'] };
  const { secret: key } = await api.ask<{ secret: string }>('POST', '/v1/keys', newKey);
  await api.addProvider({ host: 'mail.invalid', username: 'u', password: 'top secret', isEnabled: false });
  const shop = apiOf(gate, key);
  const repeated = await sendOnce(shop);
  const done = await shop.sendMany([
    { ...mail('Grüße aus Köln'), tags: ['a', 'b'], metadata: { order: '7', who: 'Zoë' } },
    ...Array.from({ length: 20 }, (_, n) => mail(`plain ${n}`)),
  ]);
  for (const id of done) await shop.reach(id, 'delivered');
  await shop.reach(await shop.send(mail('to nobody', 'nobody')), 'bounced');
  await shop.reach(await shop.send(mail('to busy', 'busy')), 'deferred');
  const scheduled = { ...mail('scheduled'), sendAt: new Date(Date.now() + 3_600_000).toISOString() };
  await shop.send(scheduled);
  await shop.ask('POST', `/v1/messages/${await shop.send(scheduled)}/cancel`);
  const { jwt } = await sendTempMail(gate);
  const cursor = (await shop.events()).at(-1)?.id ?? '0';
  await until(() => hasFigures(api), 'the figures to be there');
  const lost = await shop.sendMany([mail('lost 1', 'lost'), mail('lost 2', 'lost')]);
  await sink.until(
    () => sink.messages.filter(({ recipients }) => recipients[0] === 'lost@rcpt.test').length === 2,
  );
  const waiting = await shop.sendMany(Array.from({ length: 60 }, (_, n) => mail(`waiting ${n}`, 'slow')));
  await sink.until(() =>
    sink.sessions.some(({ commands }) => commands.some(line => line.includes('<slow@'))),
  );
  return { key, repeated, jwt, cursor, lost, waiting };
}

function mail(subject: string, to = 'somebody') {
  return { from: 'a@shop.test', to: `${to}@rcpt.test`, subject, text: 'x' };
}

async function sendOnce(shop: Api): Promise<string> {
  const headers = { 'idempotency-key': 'order 7', 'content-type': 'application/json' };
  const { text } = await shop.call('POST', '/v1/messages', mail('repeated'), headers);
  return (JSON.parse(text) as { id: string }).id;
}

async function sendTempMail(gate: ServedGate): Promise<{ jwt: string }> {
  const api = apiOf(gate);
  const wanted = { name: 'me', domain: TEMP_MAIL.domain, enablePrefix: false };
  const made = await api.call('POST', '/admin/new_address', wanted, { 'x-admin-auth': TEMP_MAIL.password });
  const { jwt } = JSON.parse(made.text) as { jwt: string };
  const letter = { to_mail: 'you@rcpt.test', subject: 'Hello', content: 'Text', is_html: false };
  const sent = await api.call('POST', '/api/send_mail', letter, { authorization: `Bearer ${jwt}` });
  expect(sent).toMatchObject({ status: 200 });
  return { jwt };
}

async function hasFigures(api: Api): Promise<boolean> {
  return (await api.ask<object[]>('GET', '/v1/reports/bounces').then(JSON.stringify)).includes('5.1.1');
}

function namesIn(file: string): SnapshotNames {
  const db = new SqliteDatabase(file, { readonly: true });
  const list = (sql: string) => db.prepare(sql).pluck().all() as string[];
  const readers = list('select reader from cursors');
  const counters = list('select distinct counter from counters');
  db.close();
  expect([readers.length > 0, counters.length > 0]).toEqual([true, true]);
  return { readers, counters, words: ['grüße', 'plain', 'waiting'], now: Date.now() };
}

async function snapshotOfSqlite(path: string, names: SnapshotNames) {
  const store = openSqliteStore({ ...OPTIONS, path });
  const snapshot = await snapshotOf(store, names);
  await store.close();
  return snapshot;
}

async function snapshotOfPostgres(url: string, names: SnapshotNames) {
  const store = await openPostgresStore({ ...OPTIONS, url });
  const snapshot = await snapshotOf(store, names);
  await store.close();
  return snapshot;
}

async function expectRefusals(file: string, url: string, data: string): Promise<void> {
  const again = await postern(['migrate', '--from', `sqlite:${file}`, '--to', url]);
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('already')]);
  const gate = await postern(['serve', '--data', data], { env: { POSTERN_STORE: `sqlite:${file}` } });
  expect([gate.code, gate.stderr]).toEqual([
    1,
    expect.stringMatching(/was moved to postgres:\/\/127\.0\.0\.1:\d+\/moved/),
  ]);
}

/** What clients have of the old gate is good at the new one, and each message ends once. */
async function expectToGoOn(gate: ServedGate, { sink, heal }: FarEnd, filled: Filled): Promise<void> {
  heal();
  const shop = apiOf(gate, filled.key);
  for (const id of filled.lost) await shop.reach(id, 'unknown');
  for (const id of filled.waiting) await shop.reach(id, 'delivered');
  expect(await sendOnce(shop)).toBe(filled.repeated);
  const { text } = await shop.call('GET', '/api/settings', undefined, {
    authorization: `Bearer ${filled.jwt}`,
  });
  expect(JSON.parse(text)).toMatchObject({ send_balance: 9 });
  const events = await shop.events(filled.cursor);
  expect(events.filter(({ type }) => type === 'accepted')).toHaveLength(62);
  expect(events.filter(({ type }) => type === 'delivered')).toHaveLength(60);
  const copies = Map.groupBy(sink.messages, ({ bytes }) => /^Subject: (.*)\r$/m.exec(String(bytes))?.[1]);
  expect([...copies.values()].filter(all => all.length !== 1)).toEqual([]);
  const ids = new Set(await shop.sendMany([mail('after the move')]));
  for (const id of ids) await shop.reach(id, 'delivered');
}
