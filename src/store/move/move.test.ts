import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type PostgresServer, startPostgres } from '../../../test/helpers/stores/postgres-server.ts';
import { newMessage } from '../../../test/helpers/stores/store-message.ts';
import { createIds } from '../../core/id.ts';
import { openPostgresStore } from '../postgres/postgres-store.ts';
import { openSqliteStore } from '../sqlite/sqlite-store.ts';
import type { AdoptedMessage, Store } from '../store.ts';
import { type MoveReport, moveStore } from './move.ts';
import { MADE_TABLES, MOVED_TABLES } from './tables.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const DAY_MS = 86_400_000;
const REPLY = { code: 250, enhanced: '2.0.0', text: 'taken' };
const OPTIONS = { now: () => NOW, minFreeBytes: 0, maxQueued: 1_000 };

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

interface Installation {
  readonly file: string;
  /** Runs something on the store, which is closed afterwards as by a process that was killed. */
  use(work: (store: Store) => Promise<void>): Promise<void>;
  moveTo(database: string): Promise<MoveReport>;
}

function newInstallation(): Installation {
  const folder = mkdtempSync(join(tmpdir(), 'postern-move-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'postern.sqlite');
  return {
    file,
    async use(work) {
      const store = openSqliteStore({ ...OPTIONS, path: file });
      await work(store).finally(() => store.close());
    },
    moveTo: database =>
      moveStore({ from: file, to: server.url(database), now: () => NOW, onProgress: () => {} }),
  };
}

async function inPostgres<T>(database: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openPostgresStore({ ...OPTIONS, url: server.url(database) });
  return work(store).finally(() => store.close());
}

/** Changes the file behind the engine's back. */
function alter(file: string, sql: string): void {
  const db = new SqliteDatabase(file);
  db.exec(sql);
  db.close();
}

/** Three messages under way: not sent yet, sent without an answer, and answered. */
async function leaveThreeUnderWay(store: Store): Promise<void> {
  const { lease, node } = await store.nodes.join({ now: NOW, leaseMs: 15_000, host: 'x', pid: 1 });
  const newId = createIds(node, () => NOW);
  for (const sent of ['nothing', 'dot', 'reply']) {
    const message = newMessage(newId(), NOW, { lease, lane: 4 });
    await store.queue.enqueue(message);
    const { id } = message;
    if (sent === 'nothing') continue;
    await store.nodes.journal.dot({ id, attempt: 1, provider: 4, indexes: [0], refused: [undefined] });
    if (sent === 'reply') store.nodes.journal.replied({ id, attempt: 1, reply: REPLY });
  }
}

/** What the first node in the new database finds of dead ones. */
function adoptAll(database: string): Promise<readonly AdoptedMessage[]> {
  return inPostgres(database, async ({ nodes, queue }) => {
    const { lease } = await nodes.join({ now: NOW, leaseMs: 15_000, host: 'y', pid: 2 });
    const [dead = 0, ...more] = await nodes.dead(NOW, lease);
    expect([more, dead < lease]).toEqual([[], true]);
    return queue.adopt({ from: dead, to: lease, limit: 10 });
  });
}

describe('what was under way when the process died', () => {
  test('is known in the new database as the wire journal knew it', async () => {
    const old = newInstallation();
    await old.use(leaveThreeUnderWay);
    await server.createDatabase('died');
    expect((await old.moveTo('died')).underWay).toEqual({ notSent: 1, unknown: 1 });
    const facts = (await adoptAll('died')).map(adopted => adopted.facts);
    const dot = { attempt: 1, provider: 4, indexes: [0], refused: [undefined] };
    expect(facts).toEqual([[], [dot], [{ ...dot, reply: REPLY }]]);
  });

  test('is all unknown when the machine was restarted since', async () => {
    const old = newInstallation();
    await old.use(leaveThreeUnderWay);
    alter(old.file, `update nodes set boot_id = 'another'`);
    await server.createDatabase('rebooted');
    expect((await old.moveTo('rebooted')).underWay).toEqual({ notSent: 0, unknown: 3 });
    const facts = (await adoptAll('rebooted')).map(adopted => adopted.facts);
    expect(facts).toEqual(Array(3).fill([{ attempt: 1, provider: 4, indexes: [0], refused: [] }]));
  });
});

describe('a move', () => {
  test('keeps numbers, and goes on after them', async () => {
    const old = newInstallation();
    const newId = createIds(3, () => NOW - 40 * DAY_MS);
    const first = newMessage(newId(), NOW - 40 * DAY_MS);
    await old.use(async ({ queue }) => void (await queue.enqueue(first)));
    // Higher than any number that the new server has reached.
    alter(old.file, `update events set seq = ${2 ** 45}`);
    await server.createDatabase('numbers');
    await old.moveTo('numbers');
    await inPostgres('numbers', async ({ queue, history }) => {
      expect(await history.newest()).toBe(String(2 ** 45));
      await queue.enqueue(newMessage(newId(), NOW));
      const events = await history.events({ after: String(2 ** 45), limit: 9 });
      expect(events.map(({ type }) => type)).toEqual(['accepted']);
      expect(await history.message(first.id)).toMatchObject({ subject: first.subject });
    });
    const day = Math.floor((NOW - 40 * DAY_MS) / DAY_MS);
    expect(await server.query('numbers', `select count(*)::integer from messages_${day}`)).toEqual([
      { count: 2 },
    ]);
  });

  test('takes what PostgreSQL keeps in no text', async () => {
    const old = newInstallation();
    await old.use(({ history }) => history.record({ at: NOW, type: 'alert', data: { reason: 'a\0b' } }));
    alter(old.file, `insert into cursors (reader, seq) values ('a' || char(0), 7)`);
    await server.createDatabase('nul');
    await old.moveTo('nul');
    await inPostgres('nul', async ({ history }) => {
      expect(await history.events({ after: '0', limit: 1 })).toMatchObject([{ data: { reason: 'a\0b' } }]);
      expect(await history.cursor('a\uFFFD')).toBe('7');
    });
  });

  test('leaves both as they were when it cannot end', async () => {
    const old = newInstallation();
    await old.use(leaveThreeUnderWay);
    await server.createDatabase('taken');
    await inPostgres('taken', ({ history }) => history.keepCursor('somebody', '7'));
    await expect(old.moveTo('taken')).rejects.toThrow('is not empty (table cursors)');
    // PostgreSQL cannot keep that: the move finds it out after it has copied most of the rest.
    await server.createDatabase('fails');
    alter(old.file, 'update recipients set n = 3000000000');
    await expect(old.moveTo('fails')).rejects.toThrow('out of range');
    alter(old.file, 'update recipients set n = 0');
    await inPostgres('fails', async ({ history, queue }) => {
      expect([await history.newest(), await queue.depth()]).toEqual(['0', []]);
    });
    await old.use(async ({ queue }) => expect(await queue.depth()).toHaveLength(1));
    expect((await old.moveTo('fails')).underWay).toEqual({ notSent: 1, unknown: 1 });
  });

  test('that was cut off at its very end is ended by another, with the same database alone', async () => {
    const old = newInstallation();
    await old.use(leaveThreeUnderWay);
    for (const name of ['first', 'second']) await server.createDatabase(name);
    await old.moveTo('first');
    const open = () => openSqliteStore({ ...OPTIONS, path: old.file });
    expect(open).toThrow(/was moved to postgres:\/\/127\.0\.0\.1:\d+\/first: set store to that database\./);
    // As if the process had been killed between the commit there and its last word here.
    alter(old.file, `update migrations set name = replace(name, 'moved', 'moving') where number > 999`);
    expect(open).toThrow('run the same postern migrate again');
    await expect(old.moveTo('second')).rejects.toThrow('only with that database can it be ended');
    expect((await old.moveTo('first')).tables).toContainEqual({ name: 'queue', before: 3, after: 3 });
    await expect(old.moveTo('first')).rejects.toThrow(/was moved to .*first already/);
  });

  test('is refused while a gate has the file open', async () => {
    const old = newInstallation();
    await server.createDatabase('open');
    await old.use(() => expect(old.moveTo('open')).rejects.toThrow('is in use: stop the gate first'));
  });

  test('knows what to do with every table', async () => {
    const old = newInstallation();
    await old.use(async () => {});
    const db = new SqliteDatabase(old.file, { readonly: true });
    const tables = db
      .prepare(`select name from sqlite_schema where type = 'table'`)
      .pluck()
      .all() as string[];
    db.close();
    const own = tables.filter(name => !/^(sqlite_|search_)/.test(name));
    expect(own.sort()).toEqual([...MOVED_TABLES.map(({ name }) => name), ...MADE_TABLES].sort());
  });
});
