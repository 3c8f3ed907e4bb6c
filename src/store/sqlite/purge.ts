import type { Database } from 'better-sqlite3';
import { firstIdAt, idToBigInt } from '../../core/id.ts';
import type { Retention } from '../store.ts';
import { acceptanceTerms, STATE_TERMS } from '../terms.ts';
import { IDEMPOTENCY_MS } from './accept.ts';
import type { Views } from './views.ts';

/** How many rows one slice deletes of each: under 20 ms of work. */
const SLICE = 200;

export interface Purged {
  readonly messages: number;
  readonly bodies: number;
  readonly events: number;
  /** False: there may be more to delete, in another slice. */
  readonly isDone: boolean;
}

/** Deletes one slice of what retention no longer keeps. */
export function preparePurge(db: Database, views: Views): (retention: Retention, now: number) => Purged {
  const purgeBodies = prepareBodies(db);
  const purgeMessages = prepareMessages(db, views);
  const oldEvents = db.prepare(`delete from events where seq in (select seq from events
    where at < ? and seq < (select max(seq) from events)
    and not exists (select 1 from queue q where q.message_id = events.message_id) order by seq limit ?)`);
  const oldKeys = db.prepare(`delete from idempotency where (account, key) in
    (select account, key from idempotency where created_at < ? limit ?)`);

  return (retention, now) => {
    oldKeys.run(now - IDEMPOTENCY_MS, SLICE);
    const bodies = purgeBodies(retention, now);
    const messages = purgeMessages(retention, now);
    const events = oldEvents.run(now - retention.eventMs, SLICE).changes;
    return {
      bodies: bodies.count,
      messages,
      events,
      isDone: bodies.isDone && messages < SLICE && events < SLICE,
    };
  };
}

/** Bodies of messages that have ended, by class: all recipients delivered, or others. Walks on from where it stopped. */
function prepareBodies(
  db: Database,
): (retention: Retention, now: number) => { count: number; isDone: boolean } {
  const candidates = db
    .prepare(`select b.message_id from bodies b where b.message_id > ? and b.message_id < ?
      order by b.message_id limit ?`)
    .pluck()
    .safeIntegers();
  const isLive = db.prepare('select 1 from queue where message_id = ?').pluck();
  const hasOther = db
    .prepare(`select 1 from recipients where message_id = ? and state <> 'delivered' limit 1`)
    .pluck();
  const remove = db.prepare('delete from bodies where message_id = ?');
  let from = -1n;

  return (retention, now) => {
    const soonest = idToBigInt(
      firstIdAt(Math.max(0, now - Math.min(retention.deliveredBodyMs, retention.otherBodyMs))),
    );
    const otherBefore = idToBigInt(firstIdAt(Math.max(0, now - retention.otherBodyMs)));
    const deliveredBefore = idToBigInt(firstIdAt(Math.max(0, now - retention.deliveredBodyMs)));
    let count = 0;
    const ids = candidates.all(from, soonest, SLICE) as bigint[];
    for (const id of ids) {
      if (isLive.get(id) !== undefined) continue;
      const before = hasOther.get(id) === undefined ? deliveredBefore : otherBefore;
      if (id < before) count += remove.run(id).changes;
    }
    const isDone = ids.length < SLICE;
    from = isDone ? -1n : (ids.at(-1) ?? -1n);
    return { count, isDone };
  };
}

/** Whole messages: those whose events have gone, and in development mode all but the newest. */
function prepareMessages(db: Database, views: Views): (retention: Retention, now: number) => number {
  const ended = db
    .prepare(`select m.id from messages m where m.id < ?
      and not exists (select 1 from queue q where q.message_id = m.id) order by m.id limit ?`)
    .pluck()
    .safeIntegers();
  const nth = db.prepare('select id from messages order by id desc limit 1 offset ?').pluck().safeIntegers();
  const removeTerm = db.prepare('delete from terms where term = ? and message_id = ?');
  const removals = ['bodies', 'recipients', 'attempts'].map(table =>
    db.prepare(`delete from ${table} where message_id = ?`),
  );
  const removeEvents = db.prepare(
    'delete from events where message_id = ? and seq < (select max(seq) from events)',
  );
  const removeMessage = db.prepare('delete from messages where id = ?');

  function remove(id: bigint): void {
    const view = views.message(id);
    for (const term of [...(view ? acceptanceTerms(view) : []), ...STATE_TERMS]) removeTerm.run(term, id);
    for (const statement of removals) statement.run(id);
    removeEvents.run(id);
    removeMessage.run(id);
  }

  return (retention, now) => {
    const byAge = idToBigInt(firstIdAt(Math.max(0, now - retention.eventMs)));
    const { newestMessages } = retention;
    const byCount =
      newestMessages === undefined ? undefined : (nth.get(newestMessages - 1) as bigint | undefined);
    const ids = ended.all(byCount !== undefined && byCount > byAge ? byCount : byAge, SLICE) as bigint[];
    for (const id of ids) remove(id);
    return ids.length;
  };
}
