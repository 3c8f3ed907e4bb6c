import type { Database } from 'better-sqlite3';
import { type Address, domainOf } from '../../core/address.ts';
import type { EventData, EventType } from '../../core/event.ts';
import { msOfId } from '../../core/id.ts';
import type { MessageView } from '../store.ts';
import { type Fact, isCounted } from '../tally.ts';
import { changesTerms, messageTerms } from '../terms.ts';
import { prepareFigures } from './figures.ts';
import { BOUND, fromJson, idOf } from './rows.ts';
import type { Views } from './views.ts';

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

/** What an event says of recipients: one fact, for `accepted` one for each recipient, or none. */
function prepareFacts(db: Database): (row: EventRow, messages: ReadonlyMap<bigint, MessageView>) => Fact[] {
  const firstDue = db
    .prepare(`select json_extract(data, '$.nextAttemptAt') from events
      where message_id = ${BOUND} and type = 'accepted'`)
    .pluck();

  return (row, messages) => {
    const { type, message_id: id, address } = row;
    if (!isCounted(type) || id === null) return [];
    const at = Number(row.at);
    const same = { at, type, account: Number(row.account ?? 0), provider: Number(row.provider ?? 0) };
    if (type === 'accepted') {
      const recipients = messages.get(id)?.recipients ?? [];
      return recipients.map(one => ({ ...same, domain: domainOf(one.address) }));
    }
    if (address === null) return [];
    const domain = domainOf(address);
    if (type === 'delivered') {
      const dueAt = (firstDue.get(id) as number | null | undefined) ?? msOfId(idOf(id));
      return [{ ...same, domain, tookMs: Math.max(0, at - dueAt) }];
    }
    if (type !== 'bounced' && type !== 'failed') return [{ ...same, domain }];
    const { code, enhanced, reason } = fromJson(row.data) as EventData;
    return [
      {
        ...{ ...same, domain },
        ...(code !== undefined && { code }),
        ...(enhanced !== undefined && { enhanced }),
        ...(reason !== undefined && { reason }),
      },
    ];
  };
}
