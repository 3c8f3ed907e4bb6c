import type { Database } from 'better-sqlite3';
import { idToBigInt } from '../../core/id.ts';
import type { AttemptRecord } from '../../core/message-view.ts';
import { eventOf, lastWords } from '../result-events.ts';
import type { Finish, RecipientResult } from '../store.ts';
import type { Append } from './event-log.ts';

/** What a finish did: nothing, because the lease is not the message's; or the message is still due, or has ended. */
export type FinishResult = 'stale' | 'waits' | 'ended';

/** Writes what became of a leased message: the ledger, the recipients with an event each, and what is still due. */
export function prepareFinish(db: Database, append: Append): (finish: Finish) => FinishResult {
  const isOurs = db.prepare('select 1 from queue where message_id = ? and lease = ?').pluck();
  const insertAttempt =
    db.prepare(`insert into attempts (message_id, number, provider, started_at, duration_ms, phase,
    code, enhanced, reply, error, remote, converted, repeated) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const updateRecipient = db.prepare(`update recipients set state = ?, due_at = ?, attempts = attempts + ?,
    code = ?, enhanced = ?, reason = ? where message_id = ? and n = ?`);
  const wasUnknown = db
    .prepare(`select 1 from recipients where message_id = ? and n = ? and state = 'unknown'`)
    .pluck();
  const dueTimes = db
    .prepare('select due_at from recipients where message_id = ? and due_at is not null')
    .pluck();
  const leaveQueue = db.prepare('delete from queue where message_id = ?');
  const stayQueued = db.prepare(
    'update queue set lease = null, lane = ?, due_at = ?, attempts = coalesce(?, attempts) where message_id = ?',
  );

  function writeAttempt(id: bigint, attempt: AttemptRecord): void {
    insertAttempt.run(
      id,
      attempt.number,
      attempt.provider,
      attempt.startedAt,
      attempt.durationMs,
      attempt.phase,
      attempt.reply?.code ?? null,
      attempt.reply?.enhanced ?? null,
      attempt.reply?.text ?? null,
      attempt.error ?? null,
      attempt.remote ?? null,
      Number(attempt.converted ?? false),
      Number(attempt.repeated ?? false),
    );
  }

  function writeResult(id: bigint, finish: Finish, result: RecipientResult): void {
    const isRepeated = wasUnknown.get(id, result.index) === 1;
    const [code, enhanced, reason] = lastWords(result.outcome);
    const counted = result.attempt === undefined ? 0 : 1;
    updateRecipient.run(
      result.state,
      result.dueAt ?? null,
      counted,
      code,
      enhanced,
      reason,
      id,
      result.index,
    );
    append(eventOf(finish, result, isRepeated));
  }

  return finish => {
    const id = idToBigInt(finish.id);
    if (isOurs.get(id, finish.lease) === undefined) return 'stale';
    for (const attempt of finish.attempts) writeAttempt(id, attempt);
    for (const result of finish.results) writeResult(id, finish, result);
    const times = dueTimes.all(id) as number[];
    if (times.length === 0) leaveQueue.run(id);
    else stayQueued.run(finish.lane, Math.min(...times), finish.attempts.at(-1)?.number ?? null, id);
    return times.length === 0 ? 'ended' : 'waits';
  };
}
