import type { Database } from 'better-sqlite3';
import { idToBigInt, isMessageId } from '../../core/id.ts';
import type { AccountId, MessageId, ProviderId } from '../../core/message.ts';
import { type CancelResult, NO_LANE, type RetryResult } from '../store.ts';
import type { Append } from './event-log.ts';
import { BOUND } from './row-values.ts';

/** How many messages one slice moves to another lane: a few milliseconds' work. */
export const MOVED_AT_ONCE = 1_000;

/** What people do to a message from outside: cancel it, have it tried again, move a whole lane. */
export interface Interventions {
  cancel(request: { id: MessageId; account?: AccountId; now: number }): CancelResult;
  /** `restarted`: it had ended, and is in the queue again. */
  retry(request: {
    id: MessageId;
    account?: AccountId;
    now: number;
    expiresAt: number;
  }): RetryResult | 'restarted';
  /** Moves a slice of `MOVED_AT_ONCE`; returns how many it moved. */
  moveLane(from: ProviderId, to: ProviderId): number;
}

interface Standing {
  account: number;
  priority: number;
  is_queued: number;
  lease: number | null;
  has_body: number;
  last_attempt: number;
}

export function prepareInterventions(db: Database, append: Append): Interventions {
  const standing = db.prepare(`select m.account, m.priority, q.message_id is not null as is_queued, q.lease,
    exists (select 1 from bodies where message_id = m.id) as has_body,
    (select coalesce(max(number), 0) from attempts where message_id = m.id) as last_attempt
    from messages m left join queue q on q.message_id = m.id where m.id = ${BOUND}`);
  const dueRecipients = db.prepare(
    'select n, state from recipients where message_id = ? and due_at is not null',
  );
  const end = db.prepare('update recipients set state = ?, due_at = null where message_id = ? and n = ?');
  const leaveQueue = db.prepare('delete from queue where message_id = ?');
  const dueNow = db.prepare(
    'update recipients set due_at = min(due_at, ?) where message_id = ? and due_at is not null',
  );
  const queueNow = db.prepare('update queue set due_at = min(due_at, ?) where message_id = ?');
  const restart =
    db.prepare(`update recipients set due_at = ?, state = iif(state = 'unknown', 'unknown', 'queued')
    where message_id = ? and due_at is null and state in ('bounced', 'failed', 'expired', 'unknown')`);
  const requeue = db.prepare(
    'insert into queue (message_id, lane, priority, due_at, attempts, lease) values (?, ?, ?, ?, ?, null)',
  );
  const expireLater = db.prepare('update messages set expires_at = max(expires_at, ?) where id = ?');
  const move = db.prepare(`update queue set lane = ? where message_id in
    (select message_id from queue where lane = ? and lease is null limit ${MOVED_AT_ONCE})`);

  function find(id: MessageId, account: AccountId | undefined): Standing | undefined {
    const row = isMessageId(id) ? (standing.get(idToBigInt(id)) as Standing | undefined) : undefined;
    return account === undefined || row?.account === account ? row : undefined;
  }

  return {
    cancel(request) {
      const row = find(request.id, request.account);
      if (row === undefined) return 'not-found';
      if (row.is_queued === 0) return 'ended';
      if (row.lease !== null) return 'started';
      const id = idToBigInt(request.id);
      for (const { n, state } of dueRecipients.all(id) as { n: number; state: string }[]) {
        // What may have been sent cannot be called back: it ends as what it is.
        const ending = state === 'unknown' ? 'unknown' : 'cancelled';
        end.run(ending, id, n);
        append({
          at: request.now,
          type: ending,
          account: row.account,
          messageId: id,
          n,
          data: { reason: 'cancelled' },
        });
      }
      leaveQueue.run(id);
      return 'cancelled';
    },
    retry({ id: messageId, account, now, expiresAt }) {
      const row = find(messageId, account);
      if (row === undefined) return 'not-found';
      if (row.lease !== null) return 'under-way';
      if (row.has_body === 0) return 'body-gone';
      const id = idToBigInt(messageId);
      dueNow.run(now, id);
      const restarted = restart.run(now, id).changes;
      if (restarted === 0 && row.is_queued === 0) return 'nothing-to-retry';
      if (restarted > 0) expireLater.run(expiresAt, id);
      if (row.is_queued === 1) queueNow.run(now, id);
      else requeue.run(id, NO_LANE, row.priority, now, row.last_attempt);
      append({ at: now, type: 'retried', account: row.account, messageId: id, data: {} });
      return row.is_queued === 1 ? 'retried' : 'restarted';
    },
    moveLane(from, to) {
      return move.run(to, from).changes;
    },
  };
}
