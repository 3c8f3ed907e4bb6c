import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { AppError } from '../../core/errors.ts';
import { createJournals, readBootId } from '../sqlite/journals.ts';
import { prepareLeases } from '../sqlite/leases.ts';
import { migrate } from '../sqlite/migrate.ts';
import { type MovedMark, readMovedMark, writeMovedMark } from '../sqlite/migration-mark.ts';
import { prepareNodes } from '../sqlite/nodes.ts';
import type { AdoptedMessage, LeaseId } from '../store.ts';
import type { MovedTable } from './tables.ts';

/** An incarnation that died and holds messages, with what its wire journal says of each. */
export interface DeadHolder {
  readonly lease: LeaseId;
  readonly held: readonly AdoptedMessage[];
}

/** A SQLite store that nobody else can use meanwhile. */
export interface Source {
  count(table: string): number;
  /** The rows of a table; nothing else may be asked until they are read. */
  rows(table: MovedTable, columns: readonly string[]): IterableIterator<readonly unknown[]>;
  deadHolders(): readonly DeadHolder[];
  /** Above them numbers are free: the last that was given in a table, and as a lease. */
  lastIdOf(table: string): bigint;
  marks(): readonly { readonly name: string; readonly value: bigint }[];
  /** The days on which messages were accepted, as numbers that `dayOf` gives, oldest first. */
  days(dayOf: (id: bigint) => number): readonly number[];
  movedMark(): MovedMark | undefined;
  mark(mark: MovedMark, now: number): void;
  close(): void;
}

/** How long another command may take to let go of the file. */
const WAIT_MS = 2_000;
const ALL = Number.MAX_SAFE_INTEGER;

/** Opens a store whose gate is stopped, and brings it to the form of this version. */
export function openSource(path: string, now: number): Source {
  if (!existsSync(path))
    throw new AppError('invalid', `There is no SQLite store at ${path}.`, { field: 'from' });
  const db = openAlone(path);
  try {
    const mark = movedMarkOf(db);
    // One that is marked had the form of some version that could move it.
    if (mark === undefined) migrate(db, now);
    return sourceOf(db, dirname(path));
  } catch (error) {
    db.close();
    throw error;
  }
}

/** In this locking mode SQLite shares the file with no other connection, and a gate keeps its own open while it runs. */
function openAlone(path: string): Database {
  const db = new SqliteDatabase(path, { fileMustExist: true, timeout: WAIT_MS });
  try {
    db.pragma('locking_mode = EXCLUSIVE');
    db.pragma('synchronous = FULL');
    db.exec('begin exclusive; commit');
    return db;
  } catch (error) {
    db.close();
    if (!(error instanceof SqliteDatabase.SqliteError) || !error.code.startsWith('SQLITE_BUSY')) throw error;
    throw new AppError('conflict', `${path} is in use: stop the gate first.`, { field: 'from' });
  }
}

function movedMarkOf(db: Database): MovedMark | undefined {
  const isStore = db.prepare(`select 1 from sqlite_schema where name = 'migrations'`).get() !== undefined;
  if (!isStore) throw new AppError('invalid', 'That file is no store of ours.', { field: 'from' });
  return readMovedMark(db);
}

function sourceOf(db: Database, folder: string): Source {
  const number = (sql: string, ...values: unknown[]): bigint =>
    (db
      .prepare(sql)
      .pluck()
      .safeIntegers()
      .get(...values) as bigint | null | undefined) ?? 0n;
  return {
    count: table => Number(number(`select count(*) from ${table}`)),
    rows({ name, key, from = {} }, columns) {
      const list = columns.map(column => from[column] ?? column).join(', ');
      const statement = db.prepare(`select ${list} from ${name} order by ${key}`).raw().safeIntegers();
      return statement.iterate() as IterableIterator<readonly unknown[]>;
    },
    deadHolders: () => deadHoldersOf(db, folder),
    lastIdOf: table => number('select max(seq) from sqlite_sequence where name = ?', table),
    marks: () =>
      db.prepare('select name, value from marks').safeIntegers().all() as { name: string; value: bigint }[],
    days(dayOf) {
      const ids = db.prepare('select id from messages').pluck().safeIntegers();
      const days = new Set<number>();
      for (const id of ids.iterate() as IterableIterator<bigint>) days.add(dayOf(id));
      return [...days].sort((a, b) => a - b);
    },
    movedMark: () => readMovedMark(db),
    mark: (mark, now) => writeMovedMark(db, mark, now),
    close: () => void db.close(),
  };
}

/** A process that was killed still holds what it had under way. */
function deadHoldersOf(db: Database, folder: string): readonly DeadHolder[] {
  const leases = prepareLeases(db);
  const nodes = prepareNodes(db);
  const journals = createJournals(folder, readBootId());
  const held = db.prepare('select distinct lease from queue where lease is not null').pluck();
  return (held.all() as LeaseId[]).map(lease => ({
    lease,
    held: leases.held(lease, ALL).map(journals.read(lease, nodes.bootIdOf(lease))),
  }));
}
