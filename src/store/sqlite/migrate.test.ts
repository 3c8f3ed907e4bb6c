import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WAIT_MS } from '../../../test/helpers/programs/patience.ts';
import { openWriter } from './database.ts';
import { migrate } from './migrate.ts';

describe('migrate', () => {
  test('applies each migration once, in order', () => {
    const { db, folder, write } = setUp();
    write('001-first', 'create table one (a integer)');
    write('002-second', 'alter table one add column b integer');
    expect(migrate(db, 5, folder)).toEqual(['001-first', '002-second']);
    expect(migrate(db, 6, folder)).toEqual([]);
    write('010-third', 'create table two (a integer)');
    expect(migrate(db, 7, folder)).toEqual(['010-third']);
    expect(db.prepare('select number, applied_at from migrations').raw().all()).toEqual([
      [1, 5],
      [2, 5],
      [10, 7],
    ]);
  });

  test('makes the database of this program, and finds nothing to do in it', () => {
    const { db } = setUp();
    expect(migrate(db, 0).length).toBeGreaterThan(0);
    expect(migrate(db, 0)).toEqual([]);
  });

  test('refuses a database that is newer than the program, and leaves it alone', () => {
    const { db, folder, write } = setUp();
    write('001-first', 'create table one (a integer)');
    const ahead = setUp();
    ahead.write('001-first', 'create table one (a integer)');
    ahead.write('002-second', 'create table two (a integer)');
    migrate(db, 0, ahead.folder);
    const before = dump(db);
    expect(() => migrate(db, 0, folder)).toThrow(/newer than this program.*002-second/);
    expect(dump(db)).toEqual(before);
  });

  test('refuses a database whose migrations were others, and applies nothing to it', () => {
    const { db, folder, write } = setUp();
    write('001-first', 'create table one (a integer)');
    migrate(db, 0, folder);
    write('001-first', 'create table one (a text)');
    write('002-second', 'create table two (a integer)');
    const before = dump(db);
    expect(() => migrate(db, 0, folder)).toThrow(/001-first differs/);
    expect(dump(db)).toEqual(before);
  });

  test('leaves nothing of a migration that fails', () => {
    const { db, folder, write } = setUp();
    write('001-first', 'create table one (a integer)');
    write('002-second', 'create table two (a integer); insert into nowhere values (1);');
    expect(() => migrate(db, 0, folder)).toThrow(/nowhere/);
    expect(dump(db).filter(name => name !== 'migrations')).toEqual(['one']);
    write('002-second', 'create table two (a integer)');
    expect(migrate(db, 0, folder)).toEqual(['002-second']);
  });

  test('leaves nothing of a migration in whose middle the process was killed', () => {
    const { db, path, folder, write } = setUp();
    write('001-first', 'create table one (a integer)');
    write(
      '002-second',
      'create table two (a integer); insert into two select die(); create table three (a integer);',
    );
    db.close();
    expect(migrateInChild(path, folder)).toBe('SIGKILL');
    const after = openWriter(path);
    onTestFinished(() => void after.close());
    expect(dump(after).filter(name => name !== 'migrations')).toEqual(['one']);
    after.function('die', () => 4);
    expect(migrate(after, 0, folder)).toEqual(['002-second']);
    expect(after.prepare('select a from two').pluck().all()).toEqual([4]);
  });
});

function setUp() {
  const folder = mkdtempSync(join(tmpdir(), 'postern-migrate-'));
  const path = join(folder, 'store.sqlite');
  const db = openWriter(path);
  onTestFinished(() => {
    db.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    db,
    path,
    folder: pathToFileURL(`${folder}/`),
    write: (name: string, sql: string) => writeFileSync(join(folder, `${name}.sql`), sql),
  };
}

function dump(db: Database.Database): unknown[] {
  return db.prepare('select name from sqlite_schema order by name').pluck().all();
}

/** Migrates in a process of its own, which dies at the SQL function `die`; returns the signal it died of. */
function migrateInChild(path: string, folder: URL): NodeJS.Signals | null {
  const script = `
    import { openWriter } from ${JSON.stringify(new URL('./database.ts', import.meta.url))};
    import { migrate } from ${JSON.stringify(new URL('./migrate.ts', import.meta.url))};
    const db = openWriter(${JSON.stringify(path)});
    db.function('die', () => process.kill(process.pid, 'SIGKILL'));
    migrate(db, 0, new URL(${JSON.stringify(folder)}));`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', script], { timeout: WAIT_MS }).signal;
}
