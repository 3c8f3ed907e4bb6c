import { firstIdAt, idToBigInt } from '../../core/id.ts';
import type { ProviderId } from '../../core/message.ts';
import type { MessageFilter } from '../../core/message-view.ts';
import { filterTerms, wordsOf } from '../search-terms.ts';
import type { Sql } from './database.ts';

const MAX_ID = (1n << 63n) - 1n;
/** A provider with no more attempts than this is one to start from. */
const FEW_ATTEMPTS = 2_000;

/** Collects conditions with their parameters. */
interface Where {
  add(sql: (parameter: (value: unknown) => string) => string): void;
  readonly conditions: readonly string[];
  readonly values: readonly unknown[];
}

/**
 * Ids of messages that match a filter and are older than `before`, newest first. Candidates come from the attempts of a
 * provider that has few, from the search index and from what it has not read yet, or else from the queue or all messages;
 * each is held against the tables themselves.
 */
export async function search(
  sql: Sql,
  filter: MessageFilter,
  before: bigint | undefined,
  limit: number,
): Promise<readonly bigint[]> {
  const where = createWhere();
  addExact(where, filter);
  addTimes(where, filter, before);
  const exact = where.conditions;
  const candidates = await candidatesFor(sql, where, filter);
  const parts = candidates.map(
    candidate =>
      `(select m.id from messages m where ${[candidate, ...exact].join(' and ')} order by m.id desc limit $1)`,
  );
  const rows = await sql.rows<{ id: bigint }>(
    `select id from (${parts.join(' union ')}) as found order by id desc limit $1`,
    [limit, ...where.values],
  );
  return rows.map(({ id }) => id);
}

/** Conditions of which each finds some of the messages that may match. */
async function candidatesFor(sql: Sql, where: Where, filter: MessageFilter): Promise<readonly string[]> {
  const { provider } = filter;
  if (provider !== undefined && (await hasFewAttempts(sql, provider))) return [ofProvider(where, provider)];
  const terms = filterTerms(filter);
  return terms.length > 0 ? indexed(where, terms) : plain(filter);
}

/** A provider that most mail goes through is soon met among the newest; another is one to start from. */
async function hasFewAttempts(sql: Sql, provider: ProviderId): Promise<boolean> {
  const more = await sql.rows(`select 1 from attempts where provider = $1 limit 1 offset ${FEW_ATTEMPTS}`, [
    provider,
  ]);
  return more.length === 0;
}

function ofProvider(where: Where, provider: ProviderId): string {
  let isFound = '';
  where.add(parameter => {
    const id = parameter(provider);
    isFound = `m.id in (select message_id from attempts where provider = ${id}
      union all select message_id from queue where lane = ${id})`;
    return 'true';
  });
  return isFound;
}

function indexed(where: Where, terms: readonly string[]): readonly string[] {
  let isFound = '';
  where.add(parameter => {
    isFound = `m.id in (select message_id from search where terms @> ${parameter(terms)}::text[])`;
    return 'true';
  });
  return [
    isFound,
    `m.id in (select message_id from events where seq > coalesce((select value from marks
      where name = 'indexed seq'), 0))`,
  ];
}

function plain(filter: MessageFilter): readonly string[] {
  const isLive = filter.state === 'queued' || filter.state === 'deferred';
  return [isLive ? 'm.id in (select message_id from queue)' : 'true'];
}

/** What the filter asks for, said of the tables. */
function addExact(where: Where, filter: MessageFilter): void {
  const { id, account, recipient, sender, state, tag, metadata = {}, provider } = filter;
  const some = (table: string, condition: string) =>
    `exists (select 1 from ${table} x where x.message_id = m.id and ${condition})`;
  if (id !== undefined) where.add($ => `m.id = ${$(idToBigInt(id))}`);
  if (account !== undefined) where.add($ => `m.account = ${$(account)}`);
  if (sender !== undefined)
    where.add($ => `(${isAt('m.sender', $(sender))} or ${isAt('m.header_from', $(sender))})`);
  if (recipient !== undefined) where.add($ => some('recipients', isAt('x.address', $(recipient))));
  if (state !== undefined) where.add($ => some('recipients', `x.state = ${$(state)}`));
  if (tag !== undefined) where.add($ => `${$(tag)} = any(m.tags)`);
  for (const [name, value] of Object.entries(metadata))
    where.add($ => `m.metadata ->> ${$(name)} = ${$(value)}`);
  if (provider !== undefined)
    where.add($ => {
      const id = $(provider);
      return `(${some('attempts', `x.provider = ${id}`)} or ${some('queue', `x.lane = ${id}`)})`;
    });
  const words = (filter.words ?? []).flatMap(wordsOf);
  if (words.length > 0) where.add($ => `m.words @> ${$(words)}::text[]`);
}

/** An address as it is, or any at the `@domain`. */
function isAt(column: string, parameter: string): string {
  return `(${column} = ${parameter} or (left(${parameter}, 1) = '@' and right(${column}, length(${parameter})) = ${parameter}))`;
}

function addTimes(where: Where, filter: MessageFilter, before: bigint | undefined): void {
  const until = filter.until === undefined ? MAX_ID : idToBigInt(firstIdAt(filter.until));
  where.add($ => `m.id < ${$(before === undefined || until < before ? until : before)}`);
  const { since } = filter;
  if (since !== undefined) where.add($ => `m.id >= ${$(idToBigInt(firstIdAt(since)))}`);
}

/** The first parameter is the limit. */
function createWhere(): Where {
  const conditions: string[] = [];
  const values: unknown[] = [];
  const parameter = (value: unknown): string => {
    values.push(value);
    const type = typeof value === 'bigint' ? 'bigint' : typeof value === 'number' ? 'integer' : 'text';
    return Array.isArray(value) ? `$${values.length + 1}` : `$${values.length + 1}::${type}`;
  };
  return {
    add(sql) {
      conditions.push(sql(parameter));
    },
    conditions,
    values,
  };
}
