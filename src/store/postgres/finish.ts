import type { EventData } from '../../core/event.ts';
import { idToBigInt } from '../../core/id.ts';
import type { AttemptRecord, Finish, RecipientResult } from '../store.ts';
import type { Database, Sql } from './database.ts';
import { insertEvents, type NewEvent } from './event-log.ts';
import { lastWords } from './rows.ts';
import { valuesList } from './values.ts';

/** What a finish did: nothing, because the lease is not the message's; or the message is still due, or has ended. */
export type FinishResult = 'stale' | 'waits' | 'ended';

const ATTEMPT_COLUMNS = `message_id, number, provider, started_at, duration_ms, phase, code, enhanced, reply, error,
  remote, converted, repeated`;
const ATTEMPT_TYPES = [
  ...['bigint', 'integer', 'integer', 'bigint', 'integer', 'text', 'smallint', 'text', 'text', 'text'],
  ...['text', 'boolean', 'boolean'],
];
const RESULT_TYPES = ['bigint', 'integer', 'text', 'bigint', 'integer', 'smallint', 'text', 'text'];

/** Writes what became of leased messages: the ledger, the recipients with an event each, and what is still due. */
export function finishAll(db: Database, finishes: readonly Finish[]): Promise<readonly FinishResult[]> {
  return db.transaction(async sql => {
    const ours = await lockOurs(sql, finishes);
    const kept = finishes.filter(({ id }) => ours.has(idToBigInt(id)));
    if (kept.length === 0) return finishes.map(() => 'stale' as const);
    await writeResults(sql, kept);
    await writeAttempts(sql, kept);
    const ended = await settleQueue(sql, kept);
    return finishes.map(({ id }) => {
      if (!ours.has(idToBigInt(id))) return 'stale';
      return ended.has(idToBigInt(id)) ? 'ended' : 'waits';
    });
  });
}

/** In the order of ids, so that two batches never wait for each other in a circle. */
async function lockOurs(sql: Sql, finishes: readonly Finish[]): Promise<ReadonlySet<bigint>> {
  const list = valuesList(
    ['bigint', 'bigint'],
    finishes.map(({ id, lease }) => [idToBigInt(id), lease]),
  );
  const rows = await sql.rows<{ message_id: bigint }>(
    `select q.message_id from queue q join (${list.text}) as f (message_id, lease)
      on f.message_id = q.message_id and f.lease = q.lease order by q.message_id for update of q`,
    list.values,
  );
  return new Set(rows.map(row => row.message_id));
}

/** The recipients, and an event for each; those that were unknown before are told by the update itself. */
async function writeResults(sql: Sql, finishes: readonly Finish[]): Promise<void> {
  const all = finishes.flatMap(finish => finish.results.map(result => ({ finish, result })));
  if (all.length === 0) return;
  const list = valuesList(
    RESULT_TYPES,
    all.map(({ finish, result }) => [
      idToBigInt(finish.id),
      result.index,
      result.state,
      result.dueAt ?? null,
      result.attempt === undefined ? 0 : 1,
      ...lastWords(result.outcome),
    ]),
  );
  const before = await sql.rows<{ message_id: bigint; n: number }>(
    `with given (message_id, n, state, due_at, counted, code, enhanced, reason) as (${list.text}),
      before as (select r.message_id, r.n from recipients r join given g using (message_id, n)
        where r.state = 'unknown'),
      changed as (update recipients r set state = g.state, due_at = g.due_at, attempts = r.attempts + g.counted,
        code = g.code, enhanced = g.enhanced, reason = g.reason
        from given g where r.message_id = g.message_id and r.n = g.n)
      select message_id, n from before`,
    list.values,
  );
  const unknown = new Set(before.map(({ message_id, n }) => `${message_id} ${n}`));
  const events = insertEvents(
    all.map(({ finish, result }) =>
      eventOf(finish, result, unknown.has(`${idToBigInt(finish.id)} ${result.index}`)),
    ),
    0,
  );
  await sql.change(events.text, events.values);
}

async function writeAttempts(sql: Sql, finishes: readonly Finish[]): Promise<void> {
  const rows = finishes.flatMap(({ id, attempts }) =>
    attempts.map(attempt => attemptRow(idToBigInt(id), attempt)),
  );
  if (rows.length === 0) return;
  const list = valuesList(ATTEMPT_TYPES, rows);
  await sql.change(`insert into attempts (${ATTEMPT_COLUMNS}) ${list.text}`, list.values);
}

function attemptRow(id: bigint, attempt: AttemptRecord): unknown[] {
  return [
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
    attempt.converted ?? false,
    attempt.repeated ?? false,
  ];
}

/** Who has nothing due any more leaves the queue; the others wait for their earliest recipient. */
async function settleQueue(sql: Sql, finishes: readonly Finish[]): Promise<ReadonlySet<bigint>> {
  const list = valuesList(
    ['bigint', 'integer', 'integer'],
    finishes.map(({ id, lane, attempts }) => [idToBigInt(id), lane, attempts.at(-1)?.number ?? null]),
  );
  const rows = await sql.rows<{ message_id: bigint }>(
    `with given (message_id, lane, attempts) as (${list.text}),
      due as (select g.*, (select min(r.due_at) from recipients r where r.message_id = g.message_id) as due_at
        from given g),
      waiting as (update queue q set lease = null, lane = d.lane, due_at = d.due_at,
        attempts = coalesce(d.attempts, q.attempts)
        from due d where q.message_id = d.message_id and d.due_at is not null)
      delete from queue q using due d where q.message_id = d.message_id and d.due_at is null
      returning q.message_id`,
    list.values,
  );
  return new Set(rows.map(row => row.message_id));
}
function eventOf(finish: Finish, result: RecipientResult, isRepeated: boolean): NewEvent {
  const [code, enhanced, reason] = lastWords(result.outcome);
  const data: EventData = {
    ...(result.attempt !== undefined && { attempt: result.attempt }),
    ...(result.phase !== undefined && { phase: result.phase }),
    ...(code !== null && { code }),
    ...(enhanced !== null && { enhanced }),
    ...(reason !== null && { reason }),
    ...(result.dueAt !== undefined && { nextAttemptAt: result.dueAt }),
    ...(result.outcome?.kind === 'delivered' && result.outcome.assumed && { assumed: true }),
    ...(isRepeated && result.attempt !== undefined && { repeated: true }),
  };
  return {
    at: finish.at,
    type: result.state,
    account: finish.account,
    messageId: idToBigInt(finish.id),
    n: result.index,
    ...(result.provider !== undefined && { provider: result.provider }),
    data,
  };
}
