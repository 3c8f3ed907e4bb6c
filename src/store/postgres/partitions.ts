import pg from 'pg';
import { firstIdAt, idToBigInt } from '../../core/id.ts';
import type { Database, Sql } from './database.ts';

// History lies in a partition for each day of acceptance, which is the beginning of every id: what is old goes as a
// whole, without a row being looked at. What no partition was made for lies in the default one.

/** The ids of one day: from ≤ id < to. */
export interface Day {
  /** Days since the epoch; the partitions are called after it. */
  readonly number: number;
  readonly from: bigint;
  readonly to: bigint;
}

/** Tables with the column of the message's id, in the order in which everybody locks them. */
const TABLES = [
  ['messages', 'id'],
  ['bodies', 'message_id'],
  ['recipients', 'message_id'],
  ['attempts', 'message_id'],
] as const;

const DAY_MS = 86_400_000;
/** Days made beyond today's: so long may nobody have made any. */
const DAYS_AHEAD = 3;
/** Of the advisory lock under which one node makes them. */
const LOCK = 0x6461_7973;
/** To make or drop a partition everybody else must let go of the table for a moment; who waits holds up all others. */
const PATIENCE = `set local lock_timeout = '1s'`;
const LOCK_TIMEOUT = '55P03';

/** Makes the partitions of today and the next days, as far as they are missing and nothing of those days lies elsewhere. */
export async function makePartitions(db: Database, now: number): Promise<void> {
  const today = dayAt(now);
  const wanted = Array.from({ length: DAYS_AHEAD + 1 }, (_, i) => dayOf(today + i));
  const known = await partitionsOf(db, 'messages');
  if (wanted.every(({ number }) => known.includes(number))) return;
  await patiently(db, async sql => {
    await sql.rows('select pg_advisory_xact_lock($1)', [LOCK]);
    // Nothing may come into them between the look and the making.
    await sql.change(
      `lock table ${TABLES.map(([table]) => `${table}_default`).join(', ')} in access exclusive mode`,
    );
    for (const day of wanted) if (await isFree(sql, day)) await make(sql, day);
    return true;
  });
}

/** Makes those of past days, before their history is moved here. */
export async function makePastPartitions(sql: Sql, numbers: readonly number[]): Promise<void> {
  for (const day of numbers.map(dayOf)) if (await isFree(sql, day)) await make(sql, day);
}

/** The number of the day of a time, epoch ms. */
export function dayAt(ms: number): number {
  return Math.floor(ms / DAY_MS);
}

/** The days that a table has partitions of, oldest first. */
export async function daysOf(sql: Sql, table: 'messages' | 'bodies'): Promise<readonly Day[]> {
  return (await partitionsOf(sql, table)).map(dayOf);
}

/**
 * Drops what tables have of a day, if `may` says so once nobody else can use them; false, and nothing happened, when it
 * does not, or when others did not let go in time.
 */
export function dropDay(
  db: Database,
  { number }: Day,
  of: 'all' | 'bodies',
  may: (sql: Sql) => Promise<boolean>,
): Promise<boolean> {
  const tables = TABLES.map(([table]) => table).filter(table => of === 'all' || table === of);
  return patiently(db, async sql => {
    await sql.change(`lock table ${tables.join(', ')} in access exclusive mode`);
    if (!(await may(sql))) return false;
    for (const table of tables) await sql.change(`drop table if exists ${table}_${number}`);
    return true;
  });
}

async function patiently(db: Database, work: (sql: Sql) => Promise<boolean>): Promise<boolean> {
  try {
    return await db.transaction(async sql => {
      await sql.change(PATIENCE);
      return work(sql);
    });
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === LOCK_TIMEOUT) return false;
    throw error;
  }
}

async function partitionsOf(sql: Sql, table: string): Promise<readonly number[]> {
  const rows = await sql.rows<{ number: number }>(
    `select substring(c.relname from '\\d+$')::integer as number from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = $1::regclass and c.relname ~ '_\\d+$' order by number`,
    [table],
  );
  return rows.map(({ number }) => number);
}

/** A clock that was wrong may have put rows into the default partition, where they stay. */
async function isFree(sql: Sql, { from, to }: Day): Promise<boolean> {
  const rows = await sql.rows(
    TABLES.map(([table, id]) => `select 1 from ${table}_default where ${id} >= $1 and ${id} < $2`).join(
      ' union all ',
    ),
    [from, to],
  );
  return rows.length === 0;
}

async function make(sql: Sql, { number, from, to }: Day): Promise<void> {
  for (const [table] of TABLES)
    await sql.change(
      `create table if not exists ${table}_${number} partition of ${table} for values from (${from}) to (${to})`,
    );
}

function dayOf(number: number): Day {
  const from = (day: number) => idToBigInt(firstIdAt(day * DAY_MS));
  return { number, from: from(number), to: from(number + 1) };
}
