import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createGroupCommit } from './batcher.ts';
import { openWriter } from './database.ts';

describe('a group commit', () => {
  test('puts all changes of one turn into one transaction, and answers after it', async () => {
    const { commit, committed, rows } = setUp();
    const values = await Promise.all([1, 2, 3].map(n => commit.run(add(n))));
    expect(values).toEqual([1, 2, 3]);
    expect(committed).toEqual([[1, 2, 3]]);
    expect(rows()).toEqual([1, 2, 3]);
    await commit.run(add(4));
    expect(committed).toHaveLength(2);
  });

  test('lets a change that fails fail alone', async () => {
    const { commit, rows } = setUp();
    const results = await Promise.allSettled([
      commit.run(add(1)),
      commit.run(engine => {
        engine.add(2);
        throw new Error('a bug');
      }),
      commit.run(add(1)),
      commit.run(add(3)),
    ]);
    expect(
      results.map(result => (result.status === 'fulfilled' ? result.value : result.reason.message)),
    ).toEqual([1, 'a bug', 'UNIQUE constraint failed: numbers.n', 3]);
    expect(rows()).toEqual([1, 3]);
  });

  test('rejects all of a batch that cannot be written, reopens the database and goes on', async () => {
    const { commit, rows, opened, limitSize } = setUp();
    await commit.run(add(1));
    limitSize();
    const results = await Promise.allSettled([
      commit.run(add(2)),
      commit.run(engine => engine.addBlob(3, Buffer.alloc(1_000_000))),
      commit.run(add(4)),
    ]);
    for (const result of results) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } });
      expect(result).toMatchObject({
        reason: { cause: { code: 'SQLITE_FULL' }, details: { retryAfterSeconds: 5 } },
      });
    }
    expect(opened()).toBe(2);
    expect(rows()).toEqual([1]);
    await commit.run(add(5));
    expect(rows()).toEqual([1, 5]);
  });

  test('says so as long as the database cannot be opened, and goes on once it can', async () => {
    const { commit, rows, limitSize, takeAway } = setUp();
    limitSize();
    const giveBack = takeAway();
    await expect(commit.run(engine => engine.addBlob(1, Buffer.alloc(1_000_000)))).rejects.toThrow();
    for (let i = 0; i < 3; i++)
      await expect(commit.run(add(2))).rejects.toMatchObject({ code: 'unavailable' });
    giveBack();
    await commit.run(add(3));
    expect(rows()).toEqual([3]);
  });

  test('lets what is content to wait ride on the next commit', async () => {
    const { commit, committed } = setUp();
    const riding = [commit.soon(add(1)), commit.soon(add(2))];
    await commit.run(add(3));
    expect(await Promise.all(riding)).toEqual([1, 2]);
    expect(committed).toEqual([[1, 2, 3]]);
  });

  test('commits what is content to wait even when nothing else comes', async () => {
    const { commit, committed } = setUp();
    expect(await Promise.all([commit.soon(add(1)), commit.soon(add(2))])).toEqual([1, 2]);
    expect(committed).toEqual([[1, 2]]);
  });

  test('commits what waits when it is closed, and takes nothing more', async () => {
    const { commit, rows, opened } = setUp();
    const waiting = [commit.run(add(1)), commit.soon(add(2))];
    commit.close();
    expect(await Promise.all(waiting)).toEqual([1, 2]);
    await expect(commit.run(add(3))).rejects.toMatchObject({ code: 'unavailable' });
    await expect(commit.soon(add(4))).rejects.toMatchObject({ code: 'unavailable' });
    expect(rows()).toEqual([1, 2]);
    expect(opened()).toBe(1);
  });

  test('rejects what a listener wants while it is being closed', async () => {
    const late: Promise<unknown>[] = [];
    const { commit, rows, opened } = setUp(() => late.push(commit.run(add(9)).catch(error => error.code)));
    const waiting = commit.run(add(1));
    commit.close();
    await waiting;
    expect(await Promise.all(late)).toEqual(['unavailable']);
    expect(rows()).toEqual([1]);
    expect(opened()).toBe(1);
  });
});

interface Numbers {
  add(n: number): number;
  addBlob(n: number, blob: Buffer): number;
  all(): unknown[];
}

function add(n: number): (engine: Numbers) => number {
  return engine => engine.add(n);
}

function setUp(onCommit: () => void = () => {}) {
  const folder = mkdtempSync(join(tmpdir(), 'postern-commit-'));
  const path = join(folder, 'numbers.sqlite');
  const committed: unknown[][] = [];
  const opened: Database[] = [];
  let isAway = false;
  const commit = createGroupCommit<Numbers>({
    open() {
      if (isAway) throw new Error('There is no such disk.');
      const db = openWriter(path);
      opened.push(db);
      return db;
    },
    prepare: prepareNumbers,
    onCommit(engine) {
      committed.push(engine.all());
      onCommit();
    },
  });
  onTestFinished(() => {
    commit.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    commit,
    committed,
    opened: () => opened.length,
    /** What another connection sees. */
    rows() {
      const db = openWriter(path);
      const rows = prepareNumbers(db).all();
      db.close();
      return rows;
    },
    /** The open connection cannot grow the database any more: SQLITE_FULL, as of a disk. */
    limitSize: () => void opened.at(-1)?.pragma('max_page_count = 1'),
    takeAway() {
      isAway = true;
      return () => {
        isAway = false;
      };
    },
  };
}

function prepareNumbers(db: Database): Numbers {
  db.exec('create table if not exists numbers (n integer primary key, blob blob)');
  const insert = db.prepare('insert into numbers (n, blob) values (?, ?)');
  const all = db.prepare('select n from numbers order by n').pluck();
  return {
    add: n => insert.run(n, null).changes && n,
    addBlob: (n, blob) => insert.run(n, blob).changes && n,
    all: () => all.all(),
  };
}
