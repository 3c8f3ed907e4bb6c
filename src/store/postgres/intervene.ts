import { idToBigInt, isMessageId } from '../../core/id.ts';
import type { AccountId, MessageId, ProviderId } from '../../core/message.ts';
import type { NewEvent } from '../new-event.ts';
import { type CancelResult, NO_LANE, type RetryResult } from '../store.ts';
import type { Database, Sql } from './database.ts';
import { appendEvents } from './event-log.ts';

// What people do to a message from outside: cancel it, have it tried again, move a whole lane.

/** How many messages one transaction moves to another lane. */
const MOVED_AT_ONCE = 1_000;

interface Standing {
  readonly account: number;
  readonly priority: number;
  readonly size: number;
  readonly is_queued: boolean;
  readonly lease: bigint | null;
  readonly has_body: boolean;
  readonly last_attempt: number;
}

/** What came of it, and the seq of its newest event, if it wrote any. */
export interface Change<Result> {
  readonly result: Result;
  readonly newest?: bigint;
}

/** The message and its place in the queue, both locked until the transaction ends: nothing of it is purged meanwhile. */
async function find(sql: Sql, id: MessageId, account: AccountId | undefined): Promise<Standing | undefined> {
  if (!isMessageId(id)) return undefined;
  const key = idToBigInt(id);
  await sql.rows('select 1 from messages where id = $1 for update', [key]);
  await sql.rows('select 1 from queue where message_id = $1 for update', [key]);
  const [row] = await sql.rows<Standing>(
    `select m.account, m.priority, m.size, q.message_id is not null as is_queued, q.lease,
      exists (select 1 from bodies where message_id = $1) as has_body,
      (select coalesce(max(number), 0) from attempts where message_id = $1) as last_attempt
      from messages m left join queue q on q.message_id = $1 where m.id = $1`,
    [key],
  );
  return account === undefined || row?.account === account ? row : undefined;
}

/** Ends what is still due of a message. */
export function cancel(
  db: Database,
  request: { id: MessageId; account?: AccountId; now: number },
): Promise<Change<CancelResult>> {
  return db.transaction(async sql => {
    const row = await find(sql, request.id, request.account);
    if (row === undefined) return { result: 'not-found' };
    if (!row.is_queued) return { result: 'ended' };
    if (row.lease !== null) return { result: 'started' };
    const id = idToBigInt(request.id);
    // What may have been sent cannot be called back: it ends as what it is.
    const ended = await sql.rows<{ n: number; state: 'unknown' | 'cancelled' }>(
      `update recipients set due_at = null, state = case state when 'unknown' then state else 'cancelled' end
        where message_id = $1 and due_at is not null returning n, state`,
      [id],
    );
    await sql.change('delete from queue where message_id = $1', [id]);
    const { account } = row;
    const events = ended
      .toSorted((a, b) => a.n - b.n)
      .map(({ n, state }): NewEvent => {
        return { at: request.now, type: state, account, messageId: id, n, data: { reason: 'cancelled' } };
      });
    return { result: 'cancelled', newest: await appendEvents(sql, events) };
  });
}

/** `restarted`: it had ended, and is in the queue again. */
export function retry(
  db: Database,
  request: { id: MessageId; account?: AccountId; now: number; expiresAt: number },
): Promise<Change<RetryResult | 'restarted'>> {
  const { now, expiresAt } = request;
  return db.transaction(async sql => {
    const row = await find(sql, request.id, request.account);
    if (row === undefined) return { result: 'not-found' };
    if (row.lease !== null) return { result: 'under-way' };
    if (!row.has_body) return { result: 'body-gone' };
    const id = idToBigInt(request.id);
    await sql.change(
      'update recipients set due_at = least(due_at, $1) where message_id = $2 and due_at is not null',
      [now, id],
    );
    const restarted = await sql.change(
      `update recipients set due_at = $1, state = case state when 'unknown' then state else 'queued' end
        where message_id = $2 and due_at is null and state in ('bounced', 'failed', 'expired', 'unknown')`,
      [now, id],
    );
    if (restarted === 0 && !row.is_queued) return { result: 'nothing-to-retry' };
    if (restarted > 0)
      await sql.change('update messages set expires_at = greatest(expires_at, $1) where id = $2', [
        ...[expiresAt, id],
      ]);
    await requeue(sql, id, row, now);
    const event = { at: now, type: 'retried', account: row.account, messageId: id, data: {} } as const;
    const newest = await appendEvents(sql, [event]);
    return { result: row.is_queued ? 'retried' : 'restarted', newest };
  });
}

async function requeue(sql: Sql, id: bigint, row: Standing, now: number): Promise<void> {
  if (row.is_queued) {
    await sql.change('update queue set due_at = least(due_at, $1) where message_id = $2', [now, id]);
    return;
  }
  await sql.change(
    `insert into queue (message_id, lane, priority, due_at, attempts, lease, size) values ($1, $2, $3, $4, $5, null, $6)`,
    [id, NO_LANE, row.priority, now, row.last_attempt, row.size],
  );
}

/** Moves everything that waits in one lane and is not leased into another; resolves with how many. */
export async function moveLane(db: Database, from: ProviderId, to: ProviderId): Promise<number> {
  if (from === to) return 0;
  for (let total = 0; ; ) {
    const moved = await db.change(
      `update queue set lane = $1 where message_id in (select message_id from queue
        where lane = $2 and lease is null order by message_id limit ${MOVED_AT_ONCE} for update skip locked)`,
      [to, from],
    );
    total += moved;
    if (moved < MOVED_AT_ONCE) return total;
  }
}
