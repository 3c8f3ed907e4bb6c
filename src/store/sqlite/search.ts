import type { Database } from 'better-sqlite3';
import { firstIdAt, idToBigInt } from '../../core/id.ts';
import type { MessageFilter } from '../store.ts';
import { filterTerms } from '../terms.ts';

/** Finds the ids of messages, newest first, that match a filter and are older than `before`. */
export type Search = (filter: MessageFilter, before: bigint | undefined, limit: number) => readonly bigint[];

interface Condition {
  readonly sql: string;
  readonly values: readonly unknown[];
}

const MAX_ID = (1n << 63n) - 1n;

/**
 * Candidates come from the search index, or in order of time when nothing of the filter is indexed, plus what the
 * index has not read yet; each is then held against the tables themselves, so that the answer is exact although the
 * index is a few seconds behind and never forgets a state that a retry has ended.
 */
export function prepareSearch(db: Database): Search {
  const indexedSeq = db.prepare(`select value from marks where name = 'indexed seq'`).pluck();

  return (filter, before, limit) => {
    const conditions = [...exactConditions(filter), ...timeConditions(filter, before)];
    const terms = filterTerms(filter);
    const all = [...conditions];
    if (terms.length > 0) all.unshift(fromIndex(terms, (indexedSeq.get() as number | undefined) ?? 0));
    if (isLive(filter)) all.unshift({ sql: 'm.id in (select message_id from queue)', values: [] });
    const where = all.length === 0 ? '' : `where ${all.map(condition => condition.sql).join(' and ')}`;
    const sql = `select m.id from messages m ${where} order by m.id desc limit ?`;
    const statement = db.prepare(sql).pluck().safeIntegers();
    return statement.all(...all.flatMap(condition => condition.values), limit) as bigint[];
  };
}

/** The messages that the index knows by all terms, and those that it has not read yet. */
function fromIndex(terms: readonly string[], indexedSeq: number): Condition {
  const known = terms.map(() => 'select message_id from terms where term = ?').join(' intersect ');
  return {
    sql: `m.id in (select message_id from (${known}) union select message_id from events where seq > ?)`,
    values: [...terms, indexedSeq],
  };
}

/** Whether only messages that are still in the queue can match. */
function isLive(filter: MessageFilter): boolean {
  return filter.state === 'queued' || filter.state === 'deferred';
}

/** What the filter asks for, said of the tables. */
function exactConditions(filter: MessageFilter): Condition[] {
  const conditions: Condition[] = [];
  const add = (sql: string, ...values: unknown[]) => conditions.push({ sql, values });
  const some = (table: string, sql: string) =>
    `exists (select 1 from ${table} x where x.message_id = m.id and ${sql})`;
  const { recipient, sender } = filter;
  if (filter.account !== undefined) add('m.account = ?', filter.account);
  if (sender?.startsWith('@')) add('(m.sender like ? or m.header_from like ?)', `%${sender}`, `%${sender}`);
  else if (sender !== undefined) add('(m.sender = ? or m.header_from = ?)', sender, sender);
  if (recipient?.startsWith('@')) add(some('recipients', 'x.address like ?'), `%${recipient}`);
  else if (recipient !== undefined) add(some('recipients', 'x.address = ?'), recipient);
  if (filter.state !== undefined) add(some('recipients', 'x.state = ?'), filter.state);
  if (filter.tag !== undefined) add('exists (select 1 from json_each(m.tags) where value = ?)', filter.tag);
  if (filter.provider !== undefined) {
    const isThere = `${some('attempts', 'x.provider = ?')} or ${some('queue', 'x.lane = ?')}`;
    add(`(${isThere})`, filter.provider, filter.provider);
  }
  for (const word of filter.words ?? []) add(`instr(lower(m.subject), ?) > 0`, word.toLowerCase());
  return conditions;
}

function timeConditions(filter: MessageFilter, before: bigint | undefined): Condition[] {
  const until = filter.until === undefined ? MAX_ID : idToBigInt(firstIdAt(filter.until));
  const conditions: Condition[] = [
    { sql: 'm.id < ?', values: [before === undefined || until < before ? until : before] },
  ];
  if (filter.since !== undefined)
    conditions.push({ sql: 'm.id >= ?', values: [idToBigInt(firstIdAt(filter.since))] });
  return conditions;
}
