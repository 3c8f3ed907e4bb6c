import type { EventType } from '../../core/event.ts';
import { idToBigInt } from '../../core/id.ts';
import { changesTerms, messageTerms } from '../terms.ts';
import type { Database, Sql } from './database.ts';
import { FIRST_OPEN_SEQ } from './event-log.ts';
import { valuesList } from './values.ts';
import { messageViews } from './views.ts';

/** How many events one slice reads: a few milliseconds' work. */
const SLICE_EVENTS = 500;

interface EventRow {
  readonly seq: bigint;
  readonly type: EventType;
  readonly message_id: bigint | null;
}

/** Reads the next slice of the event log into the search index; 0 when there is none, or another node is reading it. */
export function index(db: Database): Promise<number> {
  return db.transaction(async sql => {
    const [mark] = await sql.rows<{ value: bigint }>(
      `select value from marks where name = 'indexed seq' for update skip locked`,
    );
    if (mark === undefined) return 0;
    const rows = await sql.rows<EventRow>(
      `select seq, type, message_id from events where seq > $1 and seq < ${FIRST_OPEN_SEQ} order by seq limit $2`,
      [mark.value, SLICE_EVENTS],
    );
    const last = rows.at(-1);
    if (last === undefined) return 0;
    await writeTerms(sql, messagesOf(rows));
    await sql.change(`update marks set value = $1 where name = 'indexed seq'`, [last.seq]);
    return rows.length;
  });
}

/** The messages whose terms the events change. */
function messagesOf(rows: readonly EventRow[]): readonly bigint[] {
  const ids = rows.flatMap(row => (row.message_id !== null && changesTerms(row.type) ? row.message_id : []));
  return [...new Set(ids)];
}

async function writeTerms(sql: Sql, ids: readonly bigint[]): Promise<void> {
  const views = await messageViews(sql, ids);
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
