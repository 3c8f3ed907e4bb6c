import type { Database } from 'better-sqlite3';
import { firstIdAt, idToBigInt } from '../../core/id.ts';
import type { Retention } from '../store.ts';
import { IDEMPOTENCY_MS } from './accept.ts';
import { BOUND } from './row-values.ts';
import { OLD_FIGURES } from './statistics-rows.ts';

/** How many rows one slice looks at of each: under 20 ms of work. */
const SLICE = 100;

export interface Purged {
  readonly messages: number;
  readonly bodies: number;
  readonly events: number;
  /** False: there may be more to delete, in another slice. */
  readonly isDone: boolean;
}

/** Deletes one slice; each walks on from where its last slice stopped. */
type PurgeSlice = (retention: Retention, now: number) => Purged;

/** Deletes one slice of all that retention no longer keeps. */
export function preparePurge(db: Database): PurgeSlice {
  const ends = prepareEnds(db);
  const slices = [
    prepareAged(db, 'idempotency', 'account, key', 'created_at', (_, now) => now - IDEMPOTENCY_MS),
    prepareAged(db, 'counters', 'counter, bucket', 'expires_at', (_, now) => now + 1),
    prepareAged(db, 'sent_items', 'id', 'created_at', ({ eventMs }, now) => now - eventMs),
    ...OLD_FIGURES.map(({ table, key, condition, keptMs }) =>
      prepareAged(db, table, key, condition, (_, now) => now - keptMs),
    ),
    prepareBodies(db, ends),
    prepareMessages(db, ends),
    prepareEvents(db, ends),
  ];
  return (retention, now) => slices.map(slice => slice(retention, now)).reduce(sum);
}

const NOTHING: Purged = { messages: 0, bodies: 0, events: 0, isDone: true };

function sum(a: Purged, b: Purged): Purged {
  return {
    messages: a.messages + b.messages,
    bodies: a.bodies + b.bodies,
    events: a.events + b.events,
    isDone: a.isDone && b.isDone,
  };
}

interface Ends {
  isLive(id: bigint): boolean;
  /** When the last thing happened to a message that has ended; 0 when its events have gone. */
  endedAt(id: bigint): number;
}

function prepareEnds(db: Database): Ends {
  const isLive = db.prepare('select 1 from queue where message_id = ?').pluck();
  const lastEvent = db.prepare(`select max(at) from events where message_id = ${BOUND}`).pluck();
  return {
    isLive: id => isLive.get(id) !== undefined,
    endedAt: id => (lastEvent.get(id) as number | null) ?? 0,
  };
}

/** Rows of a table whose time, in a column of its own, lies before a bound; `time` may have a condition in front. */
function prepareAged(
  db: Database,
  table: string,
  key: string,
  time: string,
  boundOf: (retention: Retention, now: number) => number,
): PurgeSlice {
  const remove = db.prepare(`delete from ${table} where (${key}) in
    (select ${key} from ${table} where ${time} < ${BOUND} limit ${SLICE})`);
  return (retention, now) => ({
    ...NOTHING,
    isDone: remove.run(boundOf(retention, now)).changes < SLICE,
  });
}

/** Bodies of messages that have ended, by class: all recipients delivered, or others. */
function prepareBodies(db: Database, ends: Ends): PurgeSlice {
  const walk = prepareWalk(db, 'bodies', 'message_id');
  const hasOther = db
    .prepare(`select 1 from recipients where message_id = ? and state <> 'delivered' limit 1`)
    .pluck();
  const remove = db.prepare('delete from bodies where message_id = ?');

  return ({ deliveredBodyMs, otherBodyMs }, now) => {
    const { ids, isDone } = walk(firstIdBefore(now - Math.min(deliveredBodyMs, otherBodyMs)));
    let bodies = 0;
    for (const id of ids) {
      if (ends.isLive(id)) continue;
      const keptMs = hasOther.get(id) === undefined ? deliveredBodyMs : otherBodyMs;
      if (ends.endedAt(id) < now - keptMs) bodies += remove.run(id).changes;
    }
    return { ...NOTHING, bodies, isDone };
  };
}

/** Whole messages: those whose events are old, and in development mode all but the newest. */
function prepareMessages(db: Database, ends: Ends): PurgeSlice {
  const walk = prepareWalk(db, 'messages', 'id');
  const newestToGo = db
    .prepare('select id from messages order by id desc limit 1 offset ?')
    .pluck()
    .safeIntegers();
  const remove = prepareRemove(db);

  return ({ eventMs, newestMessages }, now) => {
    const surplus =
      newestMessages === undefined ? undefined : (newestToGo.get(newestMessages) as bigint | undefined);
    const byCount = surplus === undefined ? 0n : surplus + 1n;
    const byAge = firstIdBefore(now - eventMs);
    const { ids, isDone } = walk(byCount > byAge ? byCount : byAge);
    const gone = ids.filter(id => !ends.isLive(id) && (id < byCount || ends.endedAt(id) < now - eventMs));
    return gone.map(remove).reduce(sum, { ...NOTHING, isDone });
  };
}

/** Removes a message with all that belongs to it, but for the newest event of the log. */
function prepareRemove(db: Database): (id: bigint) => Purged {
  const index = db.prepare('delete from search where rowid = ?');
  const [body, recipients, attempts] = ['bodies', 'recipients', 'attempts'].map(table =>
    db.prepare(`delete from ${table} where message_id = ?`),
  );
  const events = db.prepare(
    'delete from events where message_id = ? and seq < (select max(seq) from events)',
  );
  const message = db.prepare('delete from messages where id = ?');

  return id => {
    index.run(id);
    recipients?.run(id);
    attempts?.run(id);
    return {
      messages: message.run(id).changes,
      bodies: body?.run(id).changes ?? 0,
      events: events.run(id).changes,
      isDone: true,
    };
  };
}

/** Old events, but for the newest of the log. Times follow seq closely: a slice without an old one is the last. */
function prepareEvents(db: Database, ends: Ends): PurgeSlice {
  const next = db
    .prepare(`select seq, at, message_id as id from events
      where seq > ? and seq < (select max(seq) from events) order by seq limit ${SLICE}`)
    .safeIntegers();
  const remove = db.prepare('delete from events where seq = ?');
  let from = 0n;

  return ({ eventMs }, now) => {
    const rows = next.all(from) as { seq: bigint; at: bigint; id: bigint | null }[];
    const old = rows.filter(row => row.at < now - eventMs);
    const gone = old.filter(({ id }) => id === null || !ends.isLive(id));
    for (const { seq } of gone) remove.run(seq);
    const isDone = old.length === 0 || rows.length < SLICE;
    from = isDone ? 0n : (rows.at(-1)?.seq ?? 0n);
    return { ...NOTHING, events: gone.length, isDone };
  };
}

/** Goes through the ids of a table below a bound, a slice at a time; then starts over. */
function prepareWalk(
  db: Database,
  table: string,
  column: string,
): (before: bigint) => { ids: readonly bigint[]; isDone: boolean } {
  const next = db
    .prepare(
      `select ${column} from ${table} where ${column} > ? and ${column} < ? order by ${column} limit ${SLICE}`,
    )
    .pluck()
    .safeIntegers();
  let from = -1n;
  return before => {
    const ids = next.all(from, before) as bigint[];
    const isDone = ids.length < SLICE;
    from = isDone ? -1n : (ids.at(-1) ?? -1n);
    return { ids, isDone };
  };
}

function firstIdBefore(ms: number): bigint {
  return idToBigInt(firstIdAt(Math.max(0, ms)));
}
