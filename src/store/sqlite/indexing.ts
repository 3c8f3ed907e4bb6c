import type { Database } from 'better-sqlite3';
import type { EventType } from '../../core/event.ts';
import { changesTerms, messageTerms } from '../terms.ts';
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
  const write = db.prepare('insert or replace into search (rowid, terms) values (?, ?)');

  return () => {
    const rows = nextEvents.all((mark.get() as number | undefined) ?? 0, SLICE_EVENTS) as EventRow[];
    for (const id of messagesOf(rows)) {
      const message = views.message(id);
      if (message !== undefined) write.run(id, messageTerms(message).join('\n'));
    }
    const last = rows.at(-1);
    if (last !== undefined) setMark.run(last.seq);
    return rows.length;
  };
}

/** The messages whose terms the events change, in ascending order: any other makes FTS5 begin a new segment each time. */
function messagesOf(rows: readonly EventRow[]): bigint[] {
  const ids = rows.flatMap(row => (row.message_id !== null && changesTerms(row.type) ? row.message_id : []));
  return [...new Set(ids)].sort((a, b) => (a < b ? -1 : 1));
}
