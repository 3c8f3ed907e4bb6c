import { idToBigInt } from '../../core/id.ts';
import { eventOf, lastWords } from '../results.ts';
import type { AttemptRecord, Finish } from '../store.ts';
import type { Sql } from './database.ts';
import { insertEvents } from './event-log.ts';
import { valuesList } from './values.ts';

/** What a finish did: nothing, because the lease is not the message's; or the message is still due, or has ended. */
export type FinishResult = 'stale' | 'waits' | 'ended';

/** A message that is ours to end, and its recipients that have something due. */
type Live = ReadonlyMap<number, LiveRow>;

interface LiveRow {
  readonly message_id: bigint;
  readonly n: number | null;
  readonly state: string | null;
  readonly due_at: bigint | null;
}

const ATTEMPT_COLUMNS = `message_id, number, provider, started_at, duration_ms, phase, code, enhanced, reply, error,
  remote, converted, repeated`;
const ATTEMPT_TYPES = [
  ...['bigint', 'integer', 'integer', 'bigint', 'integer', 'text', 'smallint', 'text', 'text', 'text'],
  ...['text', 'boolean', 'boolean'],
];
const RESULT_TYPES = ['bigint', 'integer', 'text', 'bigint', 'integer', 'smallint', 'text', 'text'];
const QUEUE_TYPES = ['bigint', 'integer', 'integer', 'bigint'];

/**
 * Writes what became of leased messages: the ledger, the recipients with an event each, and what is still due. In a
 * transaction of its own: one statement locks and looks, another does all the rest.
 */
export async function finishAll(
  sql: Sql,
  finishes: readonly Finish[],
): Promise<{ readonly results: readonly FinishResult[]; readonly newest: bigint }> {
  const ours = await lockOurs(sql, finishes);
  const ends = finishes.flatMap(finish => {
    const live = ours.get(idToBigInt(finish.id));
    // Of two in a batch the second comes too late.
    ours.delete(idToBigInt(finish.id));
    return live === undefined ? [] : [{ finish, live, dueAt: nextDue(finish, live) }];
  });
  const newest = ends.length === 0 ? 0n : await write(sql, ends);
  const byFinish = new Map(
    ends.map(({ finish, dueAt }) => [finish, dueAt === null ? 'ended' : 'waits'] as const),
  );
  return { results: finishes.map(finish => byFinish.get(finish) ?? 'stale'), newest };
}

/** In the order of ids, so that two batches never wait for each other in a circle. */
async function lockOurs(sql: Sql, finishes: readonly Finish[]): Promise<Map<bigint, Live>> {
  const list = valuesList(
    ['bigint', 'bigint'],
    finishes.map(({ id, lease }) => [idToBigInt(id), lease]),
  );
  const rows = await sql.rows<LiveRow>(
    `select q.message_id, r.n, r.state, r.due_at from queue q
      join (${list.text}) as f (message_id, lease) on f.message_id = q.message_id and f.lease = q.lease
      left join recipients r on r.message_id = q.message_id and r.due_at is not null
        and r.message_id = any($${list.values.length + 1}::bigint[])
      order by q.message_id for update of q`,
    [...list.values, finishes.map(({ id }) => idToBigInt(id))],
  );
  return new Map(
    [...Map.groupBy(rows, row => row.message_id)].map(([id, group]) => [
      id,
      new Map(group.map(row => [row.n ?? -1, row])),
    ]),
  );
}

/** When the earliest of its recipients is due; null when none is any more. */
function nextDue({ results }: Finish, live: Live): number | null {
  const settled = new Set(results.map(({ index }) => index));
  const untouched = [...live.values()].filter(row => row.n !== null && !settled.has(row.n));
  const times = [...results.flatMap(({ dueAt }) => dueAt ?? []), ...untouched.map(row => Number(row.due_at))];
  return times.length === 0 ? null : Math.min(...times);
}

interface End {
  readonly finish: Finish;
  readonly live: Live;
  readonly dueAt: number | null;
}

/** Collects the parts of one statement with their parameters. */
async function write(sql: Sql, ends: readonly End[]): Promise<bigint> {
  const values: unknown[] = [ends.map(({ finish }) => idToBigInt(finish.id))];
  const list = (types: readonly string[], rows: readonly (readonly unknown[])[]): string => {
    const { text, values: more } = valuesList(types, rows, values.length);
    values.push(...more);
    return text;
  };
  const parts = [...resultParts(ends, list), ...attemptParts(ends, list), ...queueParts(ends, list)];
  const all = ends.flatMap(end => end.finish.results.map(result => ({ ...end, result })));
  const events = insertEvents(
    all.map(({ finish, live, result }) =>
      eventOf(finish, result, live.get(result.index)?.state === 'unknown'),
    ),
    values.length,
  );
  const isSilent = all.length === 0;
  const [row] = await sql.rows<{ newest: bigint | null }>(
    isSilent
      ? `with ${parts.join(', ')} select null::bigint as newest`
      : `with ${parts.join(', ')}, e as (${events.text}) select max(seq) as newest from e`,
    isSilent ? values : [...values, ...events.values],
  );
  return row?.newest ?? 0n;
}

type List = (types: readonly string[], rows: readonly (readonly unknown[])[]) => string;

function resultParts(ends: readonly End[], list: List): string[] {
  const rows = ends.flatMap(({ finish }) =>
    finish.results.map(result => [
      idToBigInt(finish.id),
      result.index,
      result.state,
      result.dueAt ?? null,
      result.attempt === undefined ? 0 : 1,
      ...lastWords(result.outcome),
    ]),
  );
  if (rows.length === 0) return [];
  return [
    `r as (update recipients r set state = g.state, due_at = g.due_at, attempts = r.attempts + g.counted,
      code = g.code, enhanced = g.enhanced, reason = g.reason
      from (${list(RESULT_TYPES, rows)}) as g (message_id, n, state, due_at, counted, code, enhanced, reason)
      where r.message_id = g.message_id and r.n = g.n and r.message_id = any($1::bigint[]))`,
  ];
}

function attemptParts(ends: readonly End[], list: List): string[] {
  const rows = ends.flatMap(({ finish }) =>
    finish.attempts.map(attempt => attemptRow(idToBigInt(finish.id), attempt)),
  );
  if (rows.length === 0) return [];
  return [`a as (insert into attempts (${ATTEMPT_COLUMNS}) ${list(ATTEMPT_TYPES, rows)})`];
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
function queueParts(ends: readonly End[], list: List): string[] {
  const rows = ends.map(({ finish: { id, lane, attempts }, dueAt }) => [
    ...[idToBigInt(id), lane, attempts.at(-1)?.number ?? null, dueAt],
  ]);
  return [
    `given (message_id, lane, attempts, due_at) as (${list(QUEUE_TYPES, rows)})`,
    `w as (update queue q set lease = null, lane = g.lane, due_at = g.due_at, attempts = coalesce(g.attempts, q.attempts)
      from given g where q.message_id = g.message_id and g.due_at is not null)`,
    'd as (delete from queue q using given g where q.message_id = g.message_id and g.due_at is null)',
    'j as (delete from wire where message_id = any($1::bigint[]))',
  ];
}
