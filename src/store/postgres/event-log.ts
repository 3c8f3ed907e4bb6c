import type { NewEvent } from '../new-event.ts';
import type { Sql } from './database.ts';
import { valuesList } from './sql-values.ts';

/** What is added to the server's transaction numbers, and makes room for the place within the transaction. */
const SEQ_OF = (xid: string) =>
  `((${xid}::text::bigint + (select value from marks where name = 'xid offset')) << 20)`;
/** Seq is made of the transaction's number and the place within it. */
const SEQ = SEQ_OF('pg_current_xact_id()');
/**
 * Transactions end in another order than they begin, so readers stop below the oldest that is still under way: nothing
 * can appear later before what they have read.
 */
export const FIRST_OPEN_SEQ = SEQ_OF('pg_snapshot_xmin(pg_current_snapshot())');

/** An event as a row to be inserted: `place` is its place within the transaction. */
export const EVENT_COLUMNS = 'place, at, type, account, message_id, n, provider, data';
export const EVENT_TYPES = ['bigint', 'bigint', 'text', 'integer', 'bigint', 'integer', 'integer', 'text'];

/** All those of a transaction. */
export function eventRows(events: readonly NewEvent[]): readonly (readonly unknown[])[] {
  return events.map((event, place) => [
    place,
    event.at,
    event.type,
    event.account ?? null,
    event.messageId ?? null,
    event.n ?? null,
    event.provider ?? null,
    JSON.stringify(event.data),
  ]);
}

/** An insert of events, as a part of a larger statement; it returns their seq. */
export function insertEventsFrom(rows: string): string {
  return `insert into events (seq, at, type, account, message_id, n, provider, data)
      select ${SEQ} + e.place, e.at, e.type, e.account, e.message_id, e.n, e.provider, e.data
      from (${rows}) as e (${EVENT_COLUMNS}) returning seq`;
}

/** The same for events that are all of their transaction's, and their parameters. */
export function insertEvents(events: readonly NewEvent[], offset: number) {
  const list = valuesList(EVENT_TYPES, eventRows(events), offset);
  return { text: insertEventsFrom(list.text), values: list.values };
}

/** Appends events that are all of their transaction's; resolves with the newest seq. */
export async function appendEvents(sql: Sql, events: readonly NewEvent[]): Promise<bigint> {
  if (events.length === 0) return 0n;
  const { text, values } = insertEvents(events, 0);
  const rows = await sql.rows<{ seq: bigint }>(text, values);
  return rows.reduce((newest, { seq }) => (seq > newest ? seq : newest), 0n);
}
