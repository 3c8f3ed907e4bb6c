import { randomUUID } from 'node:crypto';
import { AppError } from '../../core/errors.ts';
import { idFromBigInt, msOfId } from '../../core/id.ts';
import { type Database, openDatabase, type Sql } from '../postgres/database.ts';
import { migrate } from '../postgres/migrate.ts';
import { dayAt, makePartitions, makePastPartitions } from '../postgres/partitions.ts';
import { parseStoreUrl } from '../postgres/store-url.ts';
import type { MovedMark } from '../sqlite/migration-mark.ts';
import { copyTable, type OnProgress } from './copy-table.ts';
import {
  addDeadHolders,
  claimEmpty,
  countRows,
  goOnAfter,
  goOnAfterEvents,
  hasMark,
  indexMessages,
  setMark,
} from './postgres-target.ts';
import { type DeadHolder, openSource, type Source } from './sqlite-source.ts';
import { MOVED_TABLES } from './tables.ts';

export interface MoveOptions {
  /** The SQLite file, and the URL of the PostgreSQL database. */
  readonly from: string;
  readonly to: string;
  readonly now: () => number;
  readonly onProgress: OnProgress;
}

export interface MoveReport {
  /** Rows of each table in both databases, which are the same. */
  readonly tables: readonly { readonly name: string; readonly before: number; readonly after: number }[];
  /** Messages that were under way when the gate ended: those that may have been sent, and those that certainly were not. */
  readonly underWay: { readonly unknown: number; readonly notSent: number };
}

/** Days that get a partition of their own; a transaction cannot make any number, and the oldest can do without. */
const MOST_DAYS = 120;
/** Tables whose rows have numbers of their own, which go on from the last. */
const NUMBERED = [
  ['addresses', 'id'],
  ['balances', 'id'],
  ['sent_items', 'id'],
  ['nodes', 'lease'],
] as const;

/**
 * Moves all that a stopped gate's SQLite store knows into an empty PostgreSQL database, in one transaction: all of it is
 * there then, or nothing. The SQLite store stays as it is, but for a mark that keeps gates from going on there.
 */
export async function moveStore(options: MoveOptions): Promise<MoveReport> {
  const source = openSource(options.from, options.now());
  try {
    const url = parseStoreUrl(options.to);
    const db = openDatabase(url);
    try {
      await migrate(db, options.now());
      await makePartitions(db, options.now());
      return await moveBetween(source, db, nameOf(url.url), options);
    } finally {
      await db.close();
    }
  } finally {
    source.close();
  }
}

/** A database as people know it: without user and password. */
function nameOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `postgres://${host}${pathname}`;
}

async function moveBetween(
  source: Source,
  db: Database,
  to: string,
  options: MoveOptions,
): Promise<MoveReport> {
  const before = source.movedMark();
  if (before !== undefined) assertSame(before, to);
  const mark: MovedMark = { isDone: false, to, token: before?.token ?? randomUUID() };
  const report =
    before !== undefined && (await hasMark(db, tokenMark(mark)))
      ? await db.transaction(sql => reportOf(source, sql, source.deadHolders()))
      : await db.transaction(async sql => {
          const done = await moveAll(source, sql, options);
          await setMark(sql, tokenMark(mark), options.now());
          // From here on only the other database can say whether the commit came about.
          source.mark(mark, options.now());
          return done;
        });
  source.mark({ ...mark, isDone: true }, options.now());
  return report;
}

function tokenMark({ token }: MovedMark): string {
  return `moved here ${token}`;
}

/** What was begun can only be ended with the database where it was begun. */
function assertSame(mark: MovedMark, to: string): void {
  if (!mark.isDone && mark.to === to) return;
  const sentence = mark.isDone
    ? `This store was moved to ${mark.to} already.`
    : `A move of this store to ${mark.to} was begun and cut off at its very end: only with that database can it be ended.`;
  throw new AppError('conflict', sentence, { field: 'from' });
}

async function moveAll(source: Source, sql: Sql, { onProgress }: MoveOptions): Promise<MoveReport> {
  await claimEmpty(sql);
  const holders = source.deadHolders();
  const days = source.days(id => dayAt(msOfId(idFromBigInt(id))));
  await makePastPartitions(sql, days.slice(-MOST_DAYS));
  for (const table of MOVED_TABLES) await copyTable(source, sql, table, onProgress);
  await addDeadHolders(sql, holders);
  for (const { name, value } of source.marks()) await setMark(sql, name, value);
  for (const [table, column] of NUMBERED) await goOnAfter(sql, table, column, source.lastIdOf(table));
  await goOnAfter(sql, 'audit', 'id', await lastAuditId(sql));
  await goOnAfterEvents(sql);
  await index(source, sql, onProgress);
  const report = await reportOf(source, sql, holders);
  assertEqual(report);
  return report;
}

async function lastAuditId(sql: Sql): Promise<bigint> {
  const [row] = await sql.rows<{ id: bigint | null }>('select max(id) as id from audit');
  return row?.id ?? 0n;
}

async function index(source: Source, sql: Sql, onProgress: OnProgress): Promise<void> {
  const of = source.count('messages');
  let rows = 0;
  await indexMessages(sql, messages => {
    rows += messages;
    onProgress({ table: 'search', rows, of });
  });
}

async function reportOf(source: Source, sql: Sql, holders: readonly DeadHolder[]): Promise<MoveReport> {
  const tables: { name: string; before: number; after: number }[] = [];
  for (const { name } of MOVED_TABLES)
    tables.push({ name, before: source.count(name), after: await countRows(sql, name) });
  const held = holders.flatMap(holder => holder.held);
  const notSent = held.filter(({ facts }) => facts.length === 0).length;
  const answered = held.filter(({ facts }) => facts.length > 0 && facts.every(({ reply }) => reply)).length;
  return { tables, underWay: { notSent, unknown: held.length - notSent - answered } };
}

function assertEqual({ tables }: MoveReport): void {
  const wrong = tables.filter(({ before, after }) => before !== after);
  if (wrong.length === 0) return;
  const words = wrong.map(({ name, before, after }) => `${name} has ${after} rows instead of ${before}`);
  throw new Error(`The move would not be whole (${words.join(', ')}). Nothing was changed.`);
}
