import { firstIdAt, idToBigInt } from '../../core/id.ts';
import type { Retention } from '../store.ts';
import type { Database, Sql } from './database.ts';
import { IDEMPOTENCY_MS } from './idempotency.ts';
import { type Day, daysOf, dropDay, makePartitions } from './partitions.ts';
import { OLD_FIGURES } from './statistics-rows.ts';

/** How many rows one slice looks at: under 20 ms of work. */
const SLICE = 200;
/** Of the advisory lock that the node has which purges; the others leave it to that one. */
const LOCK = 0x7075_7267;

interface Purged {
  readonly messages: number;
  readonly bodies: number;
  readonly events: number;
}

const NOTHING: Purged = { messages: 0, bodies: 0, events: 0 };

/** Deletes what retention no longer keeps: whole days where all has ended and is old enough, single rows elsewhere. */
export async function purge(db: Database, retention: Retention, now: number): Promise<Purged> {
  await makePartitions(db, now);
  await removeAged(db, 'idempotency', 'created_at', now - IDEMPOTENCY_MS);
  await removeAged(db, 'counters', 'expires_at', now + 1);
  await removeAged(db, 'sent_items', 'created_at', now - retention.eventMs);
  for (const { table, time, keptMs } of OLD_FIGURES) await removeAged(db, table, time, now - keptMs);
  const parts = [
    await dropBodies(db, retention, now),
    await dropMessages(db, retention, now),
    await purgeBodies(db, retention, now),
    await purgeMessages(db, retention, now),
    await purgeEvents(db, retention, now),
  ];
  return parts.reduce(sum, NOTHING);
}

function sum(a: Purged, b: Purged): Purged {
  return { messages: a.messages + b.messages, bodies: a.bodies + b.bodies, events: a.events + b.events };
}

/** Runs a slice until it says that it is done, each in a transaction of its own that one node at a time has. */
async function inSlices(
  db: Database,
  slice: (sql: Sql) => Promise<{ readonly purged: Purged; readonly isDone: boolean }>,
): Promise<Purged> {
  for (let total = NOTHING; ; ) {
    const { purged, isDone } = await db.transaction(async sql => {
      const [lock] = await sql.rows<{ ours: boolean }>('select pg_try_advisory_xact_lock($1) as ours', [
        LOCK,
      ]);
      return lock?.ours ? slice(sql) : { purged: NOTHING, isDone: true };
    });
    total = sum(total, purged);
    if (isDone) return total;
  }
}

/** Rows of a table whose time, in a column of its own, lies before a bound; it may have a condition in front. */
async function removeAged(db: Database, table: string, time: string, before: number): Promise<void> {
  await inSlices(db, async sql => {
    const count = await sql.change(
      `delete from ${table} where ctid = any(array(select ctid from ${table} where ${time} < $1 limit ${SLICE}))`,
      [before],
    );
    return { purged: NOTHING, isDone: count < SLICE };
  });
}

/** Bodies of whole days. */
async function dropBodies(
  db: Database,
  { deliveredBodyMs, otherBodyMs }: Retention,
  now: number,
): Promise<Purged> {
  const bound = now - Math.max(deliveredBodyMs, otherBodyMs);
  let bodies = 0;
  for (const day of await daysOf(db, 'bodies')) {
    if (!(await hasEnded(db, day, bound))) continue;
    let count = 0;
    const isDropped = await dropDay(db, day, 'bodies', async sql => {
      if (!(await hasEnded(sql, day, bound))) return false;
      count = await countIn(sql, 'bodies', 'message_id', day);
      return true;
    });
    if (isDropped) bodies += count;
  }
  return { ...NOTHING, bodies };
}

/** Messages of whole days, with all that belongs to them. */
async function dropMessages(db: Database, { eventMs }: Retention, now: number): Promise<Purged> {
  let total = NOTHING;
  for (const day of await daysOf(db, 'messages')) {
    if (!(await hasEnded(db, day, now - eventMs))) continue;
    let counts = NOTHING;
    const isDropped = await dropDay(db, day, 'all', async sql => {
      if (!(await hasEnded(sql, day, now - eventMs))) return false;
      counts = {
        messages: await countIn(sql, 'messages', 'id', day),
        bodies: await countIn(sql, 'bodies', 'message_id', day),
        events: 0,
      };
      await sql.change('delete from search where message_id >= $1 and message_id < $2', [day.from, day.to]);
      return true;
    });
    if (isDropped) total = sum(total, counts);
  }
  return total;
}

/** Whether nothing of a day is queued any more, and nothing has happened to any of it since. */
async function hasEnded(sql: Sql, { from, to }: Day, since: number): Promise<boolean> {
  if (to > firstIdBefore(since)) return false;
  const live = await sql.rows(
    `select 1 where exists (select 1 from queue where message_id >= $1 and message_id < $2)
      or exists (select 1 from events where message_id >= $1 and message_id < $2 and at >= $3)`,
    [from, to, since],
  );
  return live.length === 0;
}

async function countIn(sql: Sql, table: string, id: string, { from, to }: Day): Promise<number> {
  const [row] = await sql.rows<{ count: bigint }>(
    `select count(*) from ${table} where ${id} >= $1 and ${id} < $2`,
    [from, to],
  );
  return Number(row?.count ?? 0);
}

/** When the last thing happened to message `x.id`, unless it is queued; 0 when its events have gone. */
const ENDED_AT = `case when exists (select 1 from queue q where q.message_id = x.id) then null
  else coalesce((select max(at) from events e where e.message_id = x.id), 0) end`;

/** Those of them that are still not queued; from then on nobody can queue them again until the transaction ends. */
async function lockEnded<Row extends { readonly id: bigint }>(
  sql: Sql,
  rows: readonly Row[],
): Promise<readonly Row[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  await sql.rows('select 1 from messages where id = any($1::bigint[]) order by id for update', [ids]);
  const queued = await sql.rows<{ id: bigint }>(
    'select message_id as id from queue where message_id = any($1::bigint[])',
    [ids],
  );
  return rows.filter(row => !queued.some(({ id }) => id === row.id));
}

/** Bodies of messages that have ended, by class: all recipients delivered, or others. */
function purgeBodies(
  db: Database,
  { deliveredBodyMs, otherBodyMs }: Retention,
  now: number,
): Promise<Purged> {
  const before = firstIdBefore(now - Math.min(deliveredBodyMs, otherBodyMs));
  let from = -1n;
  return inSlices(db, async sql => {
    const rows = await sql.rows<{ id: bigint; ended_at: bigint | null; has_other: boolean }>(
      `select x.id, ${ENDED_AT} as ended_at,
        exists (select 1 from recipients r where r.message_id = x.id and r.state <> 'delivered') as has_other
        from (select message_id as id from bodies where message_id > $1 and message_id < $2
          order by message_id limit ${SLICE}) as x order by x.id`,
      [from, before],
    );
    const old = rows.filter(
      row => row.ended_at !== null && row.ended_at < now - (row.has_other ? otherBodyMs : deliveredBodyMs),
    );
    const bodies = await removeAll(sql, 'bodies', 'message_id', await lockEnded(sql, old));
    from = rows.at(-1)?.id ?? from;
    return { purged: { ...NOTHING, bodies }, isDone: rows.length < SLICE };
  });
}

/** Whole messages: those whose events are old, and in development mode all but the newest. */
async function purgeMessages(
  db: Database,
  { eventMs, newestMessages }: Retention,
  now: number,
): Promise<Purged> {
  const byCount = newestMessages === undefined ? 0n : await firstOfNewest(db, newestMessages);
  const byAge = firstIdBefore(now - eventMs);
  let from = -1n;
  return inSlices(db, async sql => {
    const rows = await sql.rows<{ id: bigint; ended_at: bigint | null }>(
      `select x.id, ${ENDED_AT} as ended_at from (select id from messages where id > $1 and id < $2
        order by id limit ${SLICE}) as x order by x.id`,
      [from, byCount > byAge ? byCount : byAge],
    );
    const old = rows.filter(
      row => row.ended_at !== null && (row.id < byCount || row.ended_at < now - eventMs),
    );
    from = rows.at(-1)?.id ?? from;
    return { purged: await removeMessages(sql, await lockEnded(sql, old)), isDone: rows.length < SLICE };
  });
}

/** Below it are all but the newest messages. */
async function firstOfNewest(sql: Sql, newestMessages: number): Promise<bigint> {
  const [row] = await sql.rows<{ id: bigint }>('select id from messages order by id desc limit 1 offset $1', [
    newestMessages,
  ]);
  return row === undefined ? 0n : row.id + 1n;
}

/** With all that belongs to them, but for the newest event of the log. */
async function removeMessages(sql: Sql, gone: readonly { readonly id: bigint }[]): Promise<Purged> {
  const messages = await removeAll(sql, 'messages', 'id', gone);
  const bodies = await removeAll(sql, 'bodies', 'message_id', gone);
  for (const table of ['recipients', 'attempts', 'search']) await removeAll(sql, table, 'message_id', gone);
  const events = await removeAll(sql, 'events', 'message_id', gone, NOT_NEWEST);
  return { messages, bodies, events };
}

/** Of events: where a reader of the log would begin who has read all is not forgotten. */
const NOT_NEWEST = 'seq < (select max(seq) from events)';

/** Old events, but for the newest of the log. Times follow seq closely: a slice without an old one is the last. */
function purgeEvents(db: Database, { eventMs }: Retention, now: number): Promise<Purged> {
  let from = 0n;
  return inSlices(db, async sql => {
    const rows = await sql.rows<{ id: bigint; at: bigint; is_live: boolean }>(
      `select e.seq as id, e.at, q.message_id is not null as is_live
        from events e left join queue q on q.message_id = e.message_id
        where e.seq > $1 and e.${NOT_NEWEST} order by e.seq limit ${SLICE}`,
      [from],
    );
    const old = rows.filter(row => row.at < now - eventMs);
    const events = await removeAll(
      sql,
      'events',
      'seq',
      old.filter(row => !row.is_live),
    );
    from = rows.at(-1)?.id ?? from;
    return { purged: { ...NOTHING, events }, isDone: old.length === 0 || rows.length < SLICE };
  });
}

async function removeAll(
  sql: Sql,
  table: string,
  column: string,
  rows: readonly { readonly id: bigint }[],
  condition = 'true',
): Promise<number> {
  if (rows.length === 0) return 0;
  return await sql.change(`delete from ${table} where ${column} = any($1::bigint[]) and ${condition}`, [
    rows.map(({ id }) => id),
  ]);
}

function firstIdBefore(ms: number): bigint {
  return idToBigInt(firstIdAt(Math.max(0, ms)));
}
