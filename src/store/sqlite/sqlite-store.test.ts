import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { watchChild } from '../../../test/helpers/programs/children.ts';
import { CHILD_BUDGET } from '../../../test/helpers/stores/store-child-budget.ts';
import { finishOf } from '../../../test/helpers/stores/store-finish.ts';
import { HOUR_MS } from '../../../test/helpers/stores/store-message.ts';
import { createRig, type StoreRig } from '../../../test/helpers/stores/store-rig.ts';
import { createSqliteHarness, type SqliteHarness } from '../../../test/helpers/stores/store-sqlite.ts';
import { describeStore } from '../../../test/suites/store.ts';
import { rollingBudget, type WindowName } from '../../core/budget.ts';
import { openStore } from '../open-store.ts';
import { migrate } from './migrate.ts';

const CHILD = fileURLToPath(import.meta.resolve('../../../test/helpers/stores/store-child.ts'));

describeStore('SQLite', createSqliteHarness);

describe('the SQLite store', () => {
  test('reads its history while something else is writing the database', async () => {
    const { rig, harness } = await open();
    const message = await rig.acceptLeased();
    const other = new Database(harness.path);
    onTestFinished(() => void other.close());
    other.exec('begin immediate');
    expect((await rig.view(message.id)).id).toBe(message.id);
    expect(await rig.store.history.body(message.id)).toEqual(message.mime);
    expect((await rig.store.history.list({ words: ['hello'] }, { limit: 5 })).items).toHaveLength(1);
    expect(await rig.events()).toHaveLength(1);
    other.exec('rollback');
  });

  test('leaves one file that is whole when it is closed in order', async () => {
    const { rig, harness } = await open();
    const message = await rig.acceptLeased();
    await rig.finish(message, [{ state: 'delivered' }]);
    await rig.store.nodes.leave(rig.lease);
    await rig.store.close();
    expect(readdirSync(harness.folder)).toEqual(['store.sqlite']);
    const db = new Database(harness.path, { readonly: true });
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    db.close();
  });

  test('takes no new mail below minFreeBytes, but writes results', async () => {
    const { rig, harness } = await open();
    const leased = await rig.acceptLeased();
    await rig.store.close();
    const minFreeBytes = Number.MAX_SAFE_INTEGER;
    const store = await openStore(`sqlite:${harness.path}`, { now: rig.now, maxQueued: 100, minFreeBytes });
    expect(await store.queue.enqueue(rig.newMessage())).toEqual({ kind: 'full' });
    const finish = finishOf(leased, rig.lease, rig.now(), [{ state: 'delivered' }]);
    expect(await store.queue.finish(finish)).toBe(true);
    await store.close();
  });

  test('knows nothing of what was sent when the wire journal is missing', async () => {
    const { rig, harness } = await open();
    const message = await rig.acceptLeased();
    const from = rig.lease;
    await rig.store.close();
    for (const file of readdirSync(harness.folder)) {
      if (file.endsWith('.journal')) rmSync(join(harness.folder, file));
    }
    await rig.restart();
    expect(await rig.store.queue.adopt({ from, to: rig.lease, limit: 9 })).toEqual([
      { message, facts: [{ attempt: 1, provider: 1, indexes: [0], refused: [] }] },
    ]);
  });

  test('keeps the wire journal of an incarnation until nothing of it is left to adopt', async () => {
    const { rig, harness } = await open();
    const message = await rig.acceptLeased();
    const from = rig.lease;
    const journal = join(harness.folder, `wire-${from}-1.journal`);
    await rig.restart();
    await rig.store.nodes.leave(from);
    expect(existsSync(journal)).toBe(true);
    await rig.store.queue.adopt({ from, to: rig.lease, limit: 9 });
    await rig.store.nodes.leave(from);
    expect(existsSync(journal)).toBe(false);
    expect(await rig.finish(message, [{ state: 'delivered' }])).toBe(true);
  });

  test('does not let the wire journal grow with what has ended', async () => {
    const { rig, harness } = await open();
    const refused = [{ code: 550, text: 'x'.repeat(5_000_000) }];
    for (let i = 0; i < 4; i++) {
      const { id, ...message } = await rig.acceptLeased();
      await rig.store.nodes.journal.dot({ id, attempt: 1, provider: 1, indexes: [0], refused });
      if (i % 2 === 0) await rig.finish({ id, ...message }, [{ state: 'delivered' }]);
      else await rig.hurry(rig.store.queue.release({ id, lease: rig.lease, lane: 2, dueAt: rig.now() }));
    }
    const journals = readdirSync(harness.folder).filter(file => file.endsWith('.journal'));
    expect(journals).toEqual([`wire-${rig.lease}-1.journal`]);
    expect(statSync(join(harness.folder, journals[0] ?? '')).size).toBeLessThan(6_000_000);
  });

  test('keeps one entry of a message in its search index, and none of what retention removed', async () => {
    const { rig, harness } = await open();
    const messages = Array.from({ length: 250 }, (_, i) =>
      rig.newMessage({ idempotency: { key: `${i}`, fingerprint: Buffer.alloc(32) } }),
    );
    await Promise.all(messages.map(message => rig.store.queue.enqueue(message)));
    await rig.indexAll();
    await Promise.all(messages.map(({ id }) => rig.store.queue.cancel({ id, now: rig.now() })));
    await rig.indexAll();
    expect(count(harness, `search where search match '"account:1"'`)).toBe(250);
    rig.advance(25 * HOUR_MS);
    const long = { deliveredBodyMs: 99 * HOUR_MS, otherBodyMs: 99 * HOUR_MS, eventMs: 99 * HOUR_MS };
    await rig.store.purge(long, rig.now());
    expect(['messages', 'idempotency'].map(table => count(harness, table))).toEqual([250, 0]);
    await rig.store.purge({ deliveredBodyMs: HOUR_MS, otherBodyMs: HOUR_MS, eventMs: HOUR_MS }, rig.now());
    const left = ['search', 'messages', 'bodies', 'recipients', 'attempts', 'queue', 'idempotency', 'events'];
    expect(left.map(table => count(harness, table))).toEqual([0, 0, 0, 0, 0, 0, 0, 1]);
  });

  test('keeps no counter that counts no more', async () => {
    const { rig, harness } = await open();
    const draw = (window: WindowName) => {
      const budgets = [rollingBudget('one', window, 1_000, rig.now())];
      return rig.store.limits.draw({ budgets, least: 1, most: 1, now: rig.now() });
    };
    const draws = Array.from({ length: 150 }, () => {
      rig.advance(100);
      return draw('second');
    });
    await Promise.all([...draws, draw('day')]);
    rig.advance(HOUR_MS);
    expect(count(harness, 'counters')).toBe(151);
    const retention = { deliveredBodyMs: HOUR_MS, otherBodyMs: HOUR_MS, eventMs: HOUR_MS };
    await rig.store.purge(retention, rig.now());
    expect(count(harness, 'counters')).toBe(1);
  });

  test('gives providers and accounts of the first release the fields that came later', async () => {
    const { rig, harness } = await openOld();
    expect(await rig.store.registry.get('provider', 1)).toEqual({
      id: 1,
      host: 'a.test',
      weight: 100,
      limits: {},
    });
    expect(await rig.store.registry.get('account', 1)).toEqual({
      id: 1,
      name: 'shop',
      limits: {},
      sendsNotices: true,
      webhook: null,
    });
    expect(await rig.store.registry.get('key', 1)).toEqual({ id: 1, name: 'shop' });
    expect(count(harness, 'migrations')).toBe(4);
    await rig.accept({
      charges: [{ kind: 'budget', budget: rollingBudget('one', 'hour', 1, 0), amount: 1 }],
    });
    await rig.restart();
    expect((await rig.claim()).length).toBe(1);
  });

  test('makes the folder that it is told, and names the engines it knows', async () => {
    const harness = await createSqliteHarness();
    const options = { now: () => 0, maxQueued: 1, minFreeBytes: 0 };
    const store = await openStore(`sqlite:${join(harness.folder, 'new', 'deep', 'store.sqlite')}`, options);
    await store.close();
    await harness.remove();
    for (const wrong of ['mysql:host', 'sqlite:', 'sqlite', ''])
      await expect(openStore(wrong, options)).rejects.toMatchObject({ code: 'invalid' });
  });

  test('tells which migrations it applied, the first time only', async () => {
    const harness = await createSqliteHarness();
    const applied: string[] = [];
    const options = {
      now: () => 0,
      maxQueued: 1,
      minFreeBytes: 0,
      onMigration: (name: string) => applied.push(name),
    };
    for (let i = 0; i < 2; i++) await (await openStore(`sqlite:${harness.path}`, options)).close();
    await harness.remove();
    expect(applied).toEqual([
      '001-initial',
      '002-limits-and-addresses',
      '003-figures',
      '004-attempts-of-provider',
    ]);
  });

  test('has all that it acknowledged, charged once, and knows what was sent, after kill -9', async () => {
    const harness = await createSqliteHarness();
    const acknowledged = await runUntilKilled(harness, 100);
    const rig = await createRig(harness);
    endAtTestEnd(rig, harness);
    const [from] = await rig.store.nodes.dead(rig.now(), rig.lease);
    const adopted = await rig.store.queue.adopt({ from: from ?? 0, to: rig.lease, limit: 10_000 });
    const facts = new Map(adopted.map(one => [one.message.id, one.facts]));
    expect(acknowledged.length).toBeGreaterThanOrEqual(100);
    for (const { id, isSent } of acknowledged) {
      expect(await rig.states(id)).toEqual(['queued']);
      expect(facts.get(id)?.length).toBe(isSent ? 1 : 0);
    }
    const left = await rig.store.limits.left({ budgets: [CHILD_BUDGET], now: rig.now() });
    expect(CHILD_BUDGET.max - left).toBe(count(harness, 'messages'));
  });
});

/** A store whose file was made by the first migration alone, with rows of its time. */
async function openOld(): Promise<{ rig: StoreRig; harness: SqliteHarness }> {
  const harness = await createSqliteHarness();
  const first = '001-initial.sql';
  const folder = join(harness.folder, 'migrations');
  mkdirSync(folder);
  copyFileSync(new URL(`../sqlite-migrations/${first}`, import.meta.url), join(folder, first));
  const db = new Database(harness.path);
  migrate(db, 0, pathToFileURL(`${folder}/`));
  const insert = db.prepare(`insert into records (kind, id, name, value) values (?, 1, 'one', ?)`);
  insert.run('provider', '{"id":1,"host":"a.test"}');
  insert.run('account', '{"id":1,"name":"shop"}');
  insert.run('key', '{"id":1,"name":"shop"}');
  db.close();
  const rig = await createRig(harness);
  endAtTestEnd(rig, harness);
  return { rig, harness };
}

async function open(): Promise<{ rig: StoreRig; harness: SqliteHarness }> {
  const harness = await createSqliteHarness();
  const rig = await createRig(harness);
  endAtTestEnd(rig, harness);
  return { rig, harness };
}

function count(harness: SqliteHarness, from: string): unknown {
  const db = new Database(harness.path, { readonly: true });
  const rows = db.prepare(`select count(*) from ${from}`).pluck().get();
  db.close();
  return rows;
}

function endAtTestEnd(rig: StoreRig, harness: SqliteHarness): void {
  onTestFinished(async () => {
    await rig.store.close();
    await harness.remove();
  });
}

/** A process that accepts mail and notes every second one as sent, killed once it has acknowledged so much. */
async function runUntilKilled(
  harness: SqliteHarness,
  count: number,
): Promise<readonly { id: string; isSent: boolean }[]> {
  const child = spawn(process.execPath, [CHILD, harness.path], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  watchChild(child);
  const acknowledged: { id: string; isSent: boolean }[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(JSON.parse(line) as { id: string; isSent: boolean });
    if (acknowledged.length === count) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return acknowledged;
}
