import type { Database } from 'better-sqlite3';
import { idToBigInt } from '../../core/id.ts';
import type { AccountId, MessageId, ProviderId } from '../../core/message.ts';
import { type CancelResult, NO_LANE, type RetryResult } from '../store.ts';
import { prepareAppend } from './event-log.ts';

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

export function prepareInterventions(db: Database): Interventions {
  const standing = db.prepare(`select m.account, m.priority, q.message_id is not null as is_queued, q.lease,
    exists (select 1 from bodies where message_id = m.id) as has_body,
    (select coalesce(max(number), 0) from attempts where message_id = m.id) as last_attempt
    from messages m left join queue q on q.message_id = m.id where m.id = ?`);
  const dueRecipients = db.prepare(
    'select n, state from recipients where message_id = ? and due_at is not null',
  );
  const end = db.prepare('update recipients set state = ?, due_at = null where message_id = ? and n = ?');
  const leaveQueue = db.prepare('delete from queue where message_id = ?');
  const dueNow = db.prepare('update recipients set due_at = ? where message_id = ? and due_at is not null');
  const queueNow = db.prepare('update queue set due_at = ? where message_id = ?');
  const restart =
    db.prepare(`update recipients set due_at = ?, state = iif(state = 'unknown', 'unknown', 'queued')
    where message_id = ? and state in ('bounced', 'failed', 'expired', 'unknown')`);
  const requeue = db.prepare(
    'insert into queue (message_id, lane, priority, due_at, attempts, lease) values (?, ?, ?, ?, ?, null)',
  );
  const expireLater = db.prepare('update messages set expires_at = max(expires_at, ?) where id = ?');
  const move = db.prepare('update queue set lane = ? where lane = ? and lease is null');
  const append = prepareAppend(db);

  function find(id: bigint, account: AccountId | undefined): Standing | undefined {
    const row = standing.get(id) as Standing | undefined;
    return row === undefined || (account !== undefined && row.account !== account) ? undefined : row;
  }

  function recordRetried(id: bigint, account: AccountId, now: number): void {
    append({ at: now, type: 'retried', account, messageId: id, data: {} });
  }

  return {
    cancel(request) {
      const id = idToBigInt(request.id);
      const row = find(id, request.account);
      if (row === undefined) return 'not-found';
      if (row.is_queued === 0) return 'ended';
      if (row.lease !== null) return 'started';
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
    retry(request) {
      const id = idToBigInt(request.id);
      const row = find(id, request.account);
      if (row === undefined) return 'not-found';
      if (row.lease !== null) return 'under-way';
      if (row.is_queued === 1) {
        dueNow.run(request.now, id);
        queueNow.run(request.now, id);
        recordRetried(id, row.account, request.now);
        return 'retried';
      }
      if (row.has_body === 0) return 'body-gone';
      if (restart.run(request.now, id).changes === 0) return 'nothing-to-retry';
      requeue.run(id, NO_LANE, row.priority, request.now, row.last_attempt);
      expireLater.run(request.expiresAt, id);
      recordRetried(id, row.account, request.now);
      return 'restarted';
    },
    moveLane(from, to) {
      return move.run(to, from).changes;
    },
  };
}
