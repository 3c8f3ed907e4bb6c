import type { Address } from '../../core/address.ts';
import type { EventData, EventType } from '../../core/event.ts';
import { idToBigInt, msOfId } from '../../core/id.ts';
import type { MessageView } from '../../core/message-view.ts';
import { changesTerms, messageTerms } from '../search-terms.ts';
import type { Fact } from '../statistics.ts';
import { factsOf } from '../statistics-facts.ts';
import type { Database, Sql } from './database.ts';
import { FIRST_OPEN_SEQ } from './event-log.ts';
import { addressesOf, messageViews } from './message-views.ts';
import { idOf } from './row-values.ts';
import { valuesList } from './sql-values.ts';
import { addFigures } from './statistics-rows.ts';

/** How many events one slice reads: a few milliseconds' work. */
const SLICE_EVENTS = 500;

interface EventRow {
  readonly seq: bigint;
  readonly at: bigint;
  readonly type: EventType;
  readonly account: number | null;
  readonly message_id: bigint | null;
  readonly n: number | null;
  readonly provider: number | null;
  readonly data: string;
}

/**
 * Reads the next slice of the event log into the search index and the figures; 0 when there is none, or another node is
 * reading it: who has the mark counts, and it moves in the transaction that counts.
 */
export function index(db: Database): Promise<number> {
  return db.transaction(async sql => {
    const [mark] = await sql.rows<{ value: bigint }>(
      `select value from marks where name = 'indexed seq' for update skip locked`,
    );
    if (mark === undefined) return 0;
    const rows = await sql.rows<EventRow>(
      `select seq, at, type, account, message_id, n, provider, data from events
        where seq > $1 and seq < ${FIRST_OPEN_SEQ} order by seq limit $2`,
      [mark.value, SLICE_EVENTS],
    );
    const last = rows.at(-1);
    if (last === undefined) return 0;
    const views = await messageViews(sql, messagesOf(rows));
    await writeTerms(sql, views);
    await addFigures(sql, await facts(sql, rows, views));
    await sql.change(`update marks set value = $1 where name = 'indexed seq'`, [last.seq]);
    return rows.length;
  });
}

/** The messages whose terms the events change. */
function messagesOf(rows: readonly EventRow[]): readonly bigint[] {
  const ids = rows.flatMap(row => (row.message_id !== null && changesTerms(row.type) ? row.message_id : []));
  return [...new Set(ids)];
}

/** Writes what messages are found by. */
export async function writeTerms(sql: Sql, views: readonly MessageView[]): Promise<void> {
  if (views.length === 0) return;
  const list = valuesList(
    ['bigint', 'text[]'],
    views.map(view => [idToBigInt(view.id), messageTerms(view)]),
  );
  await sql.change(
    `insert into search (message_id, terms) ${list.text}
      on conflict (message_id) do update set terms = excluded.terms`,
    list.values,
  );
}

async function facts(
  sql: Sql,
  rows: readonly EventRow[],
  views: readonly MessageView[],
): Promise<readonly Fact[]> {
  const all = new Map(
    views.map(({ id, recipients }) => [idToBigInt(id), recipients.map(one => one.address)]),
  );
  const single = await addressesOf(sql, rows);
  const firstDue = await firstDueOf(sql, rows);
  return rows.flatMap(({ at, type, account, provider, data, message_id: id, n }) => {
    if (id === null) return [];
    const about: readonly (Address | undefined)[] =
      type === 'accepted' ? (all.get(id) ?? []) : [single.get(`${id} ${n}`)];
    const event = { at: Number(at), type, account: account ?? 0, provider: provider ?? 0, data };
    const recipients = about.filter(address => address !== undefined);
    return factsOf(event, recipients, () => firstDue.get(id) ?? msOfId(idOf(id)));
  });
}

/** When what was delivered was first due, if that was not when it was accepted. */
async function firstDueOf(sql: Sql, rows: readonly EventRow[]): Promise<ReadonlyMap<bigint, number>> {
  const ids = rows.flatMap(({ type, message_id: id }) => (type === 'delivered' && id !== null ? id : []));
  if (ids.length === 0) return new Map();
  // The first event of a message is the one that says so.
  const accepted = await sql.rows<{ message_id: bigint; data: string }>(
    `select i.id as message_id, e.data from unnest($1::bigint[]) as i (id) cross join lateral
      (select data from events where message_id = i.id order by seq limit 1) e where e.data like '%"nextAttemptAt"%'`,
    [[...new Set(ids)]],
  );
  return new Map(
    accepted.flatMap(({ message_id: id, data }) => {
      const { nextAttemptAt } = JSON.parse(data) as EventData;
      return nextAttemptAt === undefined ? [] : [[id, nextAttemptAt] as const];
    }),
  );
}
