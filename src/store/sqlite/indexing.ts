import type { Database } from 'better-sqlite3';
import type { Address } from '../../core/address.ts';
import type { EventType } from '../../core/event.ts';
import { msOfId } from '../../core/id.ts';
import type { MessageView } from '../../core/message-view.ts';
import { changesTerms, messageTerms } from '../search-terms.ts';
import type { Fact } from '../statistics.ts';
import { factsOf } from '../statistics-facts.ts';
import type { Views } from './message-views.ts';
import { BOUND, idOf } from './row-values.ts';
import { prepareFigures } from './statistics-rows.ts';

/** How many events one slice reads: a few milliseconds' work. */
const SLICE_EVENTS = 500;

interface EventRow {
  seq: bigint;
  at: bigint;
  type: EventType;
  account: bigint | null;
  message_id: bigint | null;
  address: Address | null;
  provider: bigint | null;
  data: string;
}

/** Reads the next slice of the event log into the search index and the figures; returns how many events it read. */
export function prepareIndexing(db: Database, views: Views): () => number {
  const mark = db.prepare(`select value from marks where name = 'indexed seq'`).pluck();
  const setMark = db.prepare(
    `insert into marks (name, value) values ('indexed seq', ?) on conflict do update set value = excluded.value`,
  );
  const nextEvents = db
    .prepare(`select e.seq, e.at, e.type, e.account, e.message_id, r.address, e.provider, e.data from events e
      left join recipients r on r.message_id = e.message_id and r.n = e.n
      where e.seq > ${BOUND} order by e.seq limit ${SLICE_EVENTS}`)
    .safeIntegers();
  const write = db.prepare('insert or replace into search (rowid, terms) values (?, ?)');
  const addFigures = prepareFigures(db);
  const toFacts = prepareFacts(db);

  return () => {
    const rows = nextEvents.all((mark.get() as number | undefined) ?? 0) as EventRow[];
    const messages = new Map<bigint, MessageView>();
    for (const id of messagesOf(rows)) {
      const message = views.message(id);
      if (message === undefined) continue;
      messages.set(id, message);
      write.run(id, messageTerms(message).join('\n'));
    }
    addFigures(rows.flatMap(row => toFacts(row, messages)));
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

/** What an event says of its recipients; nothing when it is about no message. */
function prepareFacts(
  db: Database,
): (row: EventRow, messages: ReadonlyMap<bigint, MessageView>) => readonly Fact[] {
  const firstDue = db
    .prepare(`select json_extract(data, '$.nextAttemptAt') from events
      where message_id = ${BOUND} and type = 'accepted'`)
    .pluck();

  return ({ at, type, account, provider, data, message_id: id, address }, messages) => {
    if (id === null) return [];
    const all = messages.get(id)?.recipients.map(one => one.address) ?? [];
    const event = {
      at: Number(at),
      type,
      account: Number(account ?? 0),
      provider: Number(provider ?? 0),
      data,
    };
    const firstDueAt = () => (firstDue.get(id) as number | null | undefined) ?? msOfId(idOf(id));
    return factsOf(event, type === 'accepted' ? all : address === null ? [] : [address], firstDueAt);
  };
}
