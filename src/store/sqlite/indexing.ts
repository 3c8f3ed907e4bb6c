import type { Database } from 'better-sqlite3';
import type { EventType } from '../../core/event.ts';
import { acceptanceTerms, eventTerms } from '../terms.ts';
import type { Views } from './views.ts';

/** How many events one slice reads: a few milliseconds' work. */
const SLICE_EVENTS = 500;

interface EventRow {
  seq: bigint;
  type: EventType;
  message_id: bigint | null;
}

/** Reads the next slice of the event log into the search index; returns how many events it read. */
export function prepareIndexing(db: Database, views: Views): () => number {
  const mark = db.prepare(`select value from marks where name = 'indexed seq'`).pluck();
  const setMark = db.prepare(
    `insert into marks (name, value) values ('indexed seq', ?) on conflict do update set value = excluded.value`,
  );
  const nextEvents = db
    .prepare('select seq, type, message_id from events where seq > ? order by seq limit ?')
    .safeIntegers();
  const insert = db.prepare('insert or ignore into terms (term, message_id) values (?, ?)');

  function termsOf(row: EventRow & { message_id: bigint }): string[] {
    if (row.type !== 'accepted') return eventTerms(row.type);
    const message = views.message(row.message_id);
    return message === undefined ? [] : acceptanceTerms(message);
  }

  return () => {
    const rows = nextEvents.all((mark.get() as number | undefined) ?? 0, SLICE_EVENTS) as EventRow[];
    const entries: [term: string, id: bigint][] = [];
    for (const row of rows) {
      if (row.message_id === null) continue;
      const id = row.message_id;
      for (const term of termsOf({ ...row, message_id: id })) entries.push([term, id]);
    }
    // In the order of the table's key, neighbours share pages.
    entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    for (const [term, id] of entries) insert.run(term, id);
    const last = rows.at(-1);
    if (last !== undefined) setMark.run(last.seq);
    return rows.length;
  };
}
