import { idToBigInt } from '../../core/id.ts';
import type { MessageId } from '../../core/message.ts';
import type { AttemptRecord } from '../../core/message-view.ts';
import { eventOf, lastWords } from '../result-events.ts';
import type { Finish } from '../store.ts';
import { DURABLE, type Sql } from './database.ts';
import { EVENT_COLUMNS, EVENT_TYPES, eventRows, insertEventsFrom } from './event-log.ts';
import { valuesList } from './sql-values.ts';

/** What a finish did: nothing, because the lease is not the message's; or the message is still due, or has ended. */
export type FinishResult = 'stale' | 'waits' | 'ended';

interface FinishedRow {
  readonly message_id: bigint;
  readonly has_ended: boolean;
  readonly newest: bigint | null;
}

const ATTEMPT_COLUMNS = `message_id, number, provider, started_at, duration_ms, phase, code, enhanced, reply, error,
  remote, converted, repeated`;
const ATTEMPT_TYPES = [
  ...['bigint', 'integer', 'integer', 'bigint', 'integer', 'text', 'smallint', 'text', 'text', 'text'],
  ...['text', 'boolean', 'boolean'],
];
const RESULT_COLUMNS = 'message_id, n, state, due_at, counted, code, enhanced, reason';
const RESULT_TYPES = ['bigint', 'integer', 'text', 'bigint', 'integer', 'smallint', 'text', 'text'];
const GIVEN_TYPES = ['bigint', 'bigint', 'integer', 'integer', 'bigint'];

/**
 * Writes what became of leased messages, in one statement: the ledger, the recipients with an event each, and what is
 * still due. The queue's rows are locked in the order of ids, so that two batches never wait for each other in a circle.
 */
export async function finishAll(
  sql: Sql,
  finishes: readonly Finish[],
): Promise<{ readonly results: readonly FinishResult[]; readonly newest: bigint }> {
  const ends = firstOfEach(finishes);
  const { text, values } = statementFor(ends);
  const rows = await sql.often<FinishedRow>(text, values);
  const done = new Map(rows.map(row => [row.message_id, row.has_ended ? 'ended' : 'waits'] as const));
  const isFirst = new Set(ends);
  return {
    results: finishes.map(finish => (isFirst.has(finish) && done.get(idToBigInt(finish.id))) || 'stale'),
    newest: rows[0]?.newest ?? 0n,
  };
}

/** Of two of the same message the second comes too late. */
function firstOfEach(finishes: readonly Finish[]): readonly Finish[] {
  const first = new Map<MessageId, Finish>();
  for (const finish of finishes) if (!first.has(finish.id)) first.set(finish.id, finish);
  return [...first.values()];
}

interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

type List = (types: readonly string[], rows: readonly (readonly unknown[])[]) => string;

/**
 * Of what it reads `given` is what we were told, `held` as much of it as is still under the lease, `live` the recipients
 * with anything due as they were before, and `ours` when each message is due next: null, and it leaves the queue.
 */
function statementFor(finishes: readonly Finish[]): Statement {
  const ids = finishes.map(({ id }) => idToBigInt(id));
  const values: unknown[] = [ids, ...rangeOf(ids)];
  const list: List = (types, rows) => {
    const { text, values: more } = valuesList(types, rows, values.length);
    values.push(...more);
    return text;
  };
  const parts = [
    `given (message_id, lease, lane, attempts, due_at) as (${list(GIVEN_TYPES, finishes.map(givenRow))})`,
    `locked as materialized (select message_id, lease from queue where message_id = any($1::bigint[])
      order by message_id for update)`,
    `held as materialized (select g.* from given g
      where exists (select from locked l where l.message_id = g.message_id and l.lease = g.lease))`,
    `live as materialized (select message_id, n, state, due_at from recipients
      where message_id = any($1::bigint[]) and due_at is not null)`,
    ...resultParts(finishes, list),
    ...attemptParts(finishes, list),
    ...QUEUE_PARTS,
    ...eventParts(finishes, list),
  ];
  const newest = finishes.some(({ results }) => results.length > 0)
    ? '(select max(seq) from e)'
    : 'null::bigint';
  return {
    text: `with ${parts.join(', ')} select message_id, due_at is null as has_ended, ${newest} as newest,
      (select ${DURABLE}) from ours`,
    values,
  };
}

/** Stands with a table where it is joined, so that only these days' partitions are looked into. */
function rangeOf(ids: readonly bigint[]): readonly [bigint, bigint] {
  const sorted = ids.toSorted((a, b) => (a < b ? -1 : 1));
  return [sorted[0] ?? 0n, sorted.at(-1) ?? 0n];
}

/** When the earliest of the recipients that we were told of is due. */
function givenRow({ id, lease, lane, attempts, results }: Finish): unknown[] {
  const times = results.flatMap(({ dueAt }) => dueAt ?? []);
  const dueAt = times.length === 0 ? null : Math.min(...times);
  return [idToBigInt(id), lease, lane, attempts.at(-1)?.number ?? null, dueAt];
}

function resultParts(finishes: readonly Finish[], list: List): string[] {
  const rows = finishes.flatMap(({ id, results }) =>
    results.map(result => [
      idToBigInt(id),
      result.index,
      result.state,
      result.dueAt ?? null,
      result.attempt === undefined ? 0 : 1,
      ...lastWords(result.outcome),
    ]),
  );
  if (rows.length === 0) return [OURS('live')];
  return [
    `settled (${RESULT_COLUMNS}) as (${list(RESULT_TYPES, rows)})`,
    `r as (update recipients r set state = s.state, due_at = s.due_at, attempts = r.attempts + s.counted,
      code = s.code, enhanced = s.enhanced, reason = s.reason
      from settled s where r.message_id = s.message_id and r.n = s.n
      and r.message_id between $2::bigint and $3::bigint and ${IS_HELD('s')})`,
    OURS(`live l where not exists (select from settled s where s.message_id = l.message_id and s.n = l.n)`),
  ];
}

/** Of recipients that we were not told of what was known counts. */
const OURS = (untouched: string) =>
  `ours as (select h.message_id, h.lane, h.attempts, least(h.due_at, u.due_at) as due_at from held h
    left join (select message_id, min(due_at) as due_at from ${untouched} group by message_id) u
      on u.message_id = h.message_id)`;

const IS_HELD = (table: string) => `exists (select from held h where h.message_id = ${table}.message_id)`;

function attemptParts(finishes: readonly Finish[], list: List): string[] {
  const rows = finishes.flatMap(({ id, attempts }) =>
    attempts.map(attempt => attemptRow(idToBigInt(id), attempt)),
  );
  if (rows.length === 0) return [];
  return [
    `made (${ATTEMPT_COLUMNS}) as (${list(ATTEMPT_TYPES, rows)})`,
    `a as (insert into attempts (${ATTEMPT_COLUMNS})
      select m.* from made m where ${IS_HELD('m')})`,
  ];
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

/** Who has nothing due any more leaves the queue, the others wait; the wire journal of both is no longer needed. */
const QUEUE_PARTS = [
  `w as (update queue q set lease = null, lane = o.lane, due_at = o.due_at, attempts = coalesce(o.attempts, q.attempts)
    from ours o where q.message_id = o.message_id and o.due_at is not null)`,
  'd as (delete from queue q using ours o where q.message_id = o.message_id and o.due_at is null)',
  'j as (delete from wire x using held h where x.lease = h.lease and x.message_id = h.message_id)',
];

/** One for each recipient; an attempt says when it was for one that might have had the message before. */
function eventParts(finishes: readonly Finish[], list: List): string[] {
  const events = finishes.flatMap(finish => finish.results.map(result => eventOf(finish, result, false)));
  if (events.length === 0) return [];
  const told = `select e.place, e.at, e.type, e.account, e.message_id, e.n, e.provider,
      case when l.state = 'unknown' and e.data like '{"attempt"%' then left(e.data, -1) || ',"repeated":true}'
        else e.data end
      from told e left join live l on l.message_id = e.message_id and l.n = e.n where ${IS_HELD('e')}`;
  return [
    `told (${EVENT_COLUMNS}) as (${list(EVENT_TYPES, eventRows(events))})`,
    `e as (${insertEventsFrom(told)})`,
  ];
}
