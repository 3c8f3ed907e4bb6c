import type { Database } from 'better-sqlite3';
import { firstIdAt, idToBigInt } from '../../core/id.ts';
import type { MessageFilter } from '../../core/message-view.ts';
import { filterTerms, wordsOf } from '../search-terms.ts';
import { BOUND } from './row-values.ts';

/** What one slice of a search found. */
export interface Slice {
  /** Newest first. */
  readonly ids: readonly bigint[];
  /** Nothing older was looked at yet; absent: everything was, or enough was found. */
  readonly lookedTo?: bigint;
}

/**
 * Finds the ids of messages, newest first, that match a filter and are older than `before`, among the next `width`
 * candidates: so that nobody waits for a search through all that there is.
 */
export type Search = (
  filter: MessageFilter,
  before: bigint | undefined,
  limit: number,
  width: number,
) => Slice;

interface Condition {
  readonly sql: string;
  readonly values: readonly unknown[];
}

/** Where candidates come from: a table expression that has messages as `m`, and the column their order is read from. */
interface Source {
  readonly from: string;
  /** What of it is enough to tell the candidates. */
  readonly scan: string;
  readonly key: string;
  readonly conditions: readonly Condition[];
}

const MAX_ID = (1n << 63n) - 1n;
const MESSAGES = { from: 'messages m', scan: 'messages m', key: 'm.id' };
/** A provider with no more attempts than this is one to start from. */
const FEW_ATTEMPTS = 2_000;

/**
 * Candidates come from the search index and from what it has not read yet; or, when nothing of the filter is indexed,
 * from the queue or all messages in order of time. Each is then held against the tables themselves, so that the answer
 * is exact although the index is a few seconds behind and keeps a state that a retry has ended.
 */
export function prepareSearch(db: Database): Search {
  const sourcesOf = prepareSources(db);
  db.function('has_word', { deterministic: true }, hasWord);
  db.function('is_at', { deterministic: true }, isAt);
  const all = ({ sql, values }: Condition) =>
    db
      .prepare(sql)
      .pluck()
      .safeIntegers()
      .all(...values) as bigint[];

  return (filter, before, limit, width) => {
    const sources = sourcesOf(filter).map(source => ({
      ...source,
      conditions: [...source.conditions, ...keyConditions(filter, before, source.key)],
    }));
    // The slice ends where the first of the sources has had its share.
    const ends = sources.flatMap(source => all(lastOf(source, width)));
    const lookedTo = ends.toSorted((a, b) => (a < b ? 1 : -1))[0];
    const wanted = exactConditions(filter);
    const parts = sources.map(source => select(withEnd(source, lookedTo), wanted, limit));
    const ids = all({
      sql: `${parts.map(part => part.sql).join(' union ')} order by 1 desc limit ?`,
      values: [...parts.flatMap(part => part.values), limit],
    });
    return lookedTo === undefined || ids.length === limit ? { ids } : { ids, lookedTo };
  };
}

/** The candidate that is the last of so many, if there are as many. */
function lastOf({ scan, key, conditions }: Source, width: number): Condition {
  return {
    sql: `select ${key} from ${scan} where ${allOf(conditions)} order by ${key} desc limit 1 offset ?`,
    values: [...conditions.flatMap(condition => condition.values), width - 1],
  };
}

function withEnd(source: Source, end: bigint | undefined): Source {
  if (end === undefined) return source;
  return { ...source, conditions: [...source.conditions, { sql: `${source.key} >= ?`, values: [end] }] };
}

/** The newest messages of one source that meet all conditions. */
function select(source: Source, wanted: readonly Condition[], limit: number): Condition {
  const conditions = [...source.conditions, ...wanted];
  return {
    sql: `select * from (select m.id from ${source.from} where ${allOf(conditions)}
      order by ${source.key} desc limit ?)`,
    values: [...conditions.flatMap(condition => condition.values), limit],
  };
}

function allOf(conditions: readonly Condition[]): string {
  return conditions.map(condition => condition.sql).join(' and ');
}

function prepareSources(db: Database): (filter: MessageFilter) => readonly Source[] {
  const indexedSeq = db.prepare(`select value from marks where name = 'indexed seq'`).pluck();
  const attemptAt = db
    .prepare(`select 1 from attempts where provider = ${BOUND} limit 1 offset ${FEW_ATTEMPTS}`)
    .pluck();

  return filter => {
    const { provider, state } = filter;
    if (provider !== undefined && attemptAt.get(provider) === undefined) {
      return [{ ...MESSAGES, conditions: [{ sql: OF_PROVIDER, values: [provider, provider, provider] }] }];
    }
    const terms = filterTerms(filter);
    if (terms.length > 0) return indexed(terms, (indexedSeq.get() as number | undefined) ?? 0);
    const isLive = state === 'queued' || state === 'deferred';
    const inQueue = { sql: 'm.id in (select message_id from queue)', values: [] };
    return [{ ...MESSAGES, conditions: isLive ? [inQueue] : [] }];
  };
}

/** In two halves of the queue, so that each is read from its index. */
const OF_PROVIDER = `m.id in (select message_id from attempts where provider = ?
  union all select message_id from queue where lane = ? and lease is null
  union all select message_id from queue where lane = ? and lease is not null)`;

function indexed(terms: readonly string[], indexedSeq: number): readonly Source[] {
  return [
    {
      // The order of the join is fixed, so that the newest come first without reading all that the index knows.
      from: 'search cross join messages m on m.id = search.rowid',
      scan: 'search',
      key: 'search.rowid',
      conditions: [{ sql: 'search match ?', values: [terms.map(quote).join(' ')] }],
    },
    {
      ...MESSAGES,
      conditions: [{ sql: 'm.id in (select message_id from events where seq > ?)', values: [indexedSeq] }],
    },
  ];
}

/** A term as FTS5 reads it: every other character is itself. */
function quote(term: string): string {
  return `"${term.replaceAll('"', '""')}"`;
}

/** What the filter asks for, said of the tables. */
function exactConditions(filter: MessageFilter): Condition[] {
  const conditions: Condition[] = [];
  const add = (sql: string, ...values: unknown[]) => conditions.push({ sql, values });
  const some = (table: string, sql: string) =>
    `exists (select 1 from ${table} x where x.message_id = m.id and ${sql})`;
  const { recipient, sender } = filter;
  if (filter.account !== undefined) add('m.account = ?', filter.account);
  if (sender !== undefined) add('(is_at(m.sender, ?) or is_at(m.header_from, ?))', sender, sender);
  if (recipient !== undefined) add(some('recipients', 'is_at(x.address, ?)'), recipient);
  if (filter.state !== undefined) add(some('recipients', 'x.state = ?'), filter.state);
  if (filter.tag !== undefined) add('exists (select 1 from json_each(m.tags) where value = ?)', filter.tag);
  for (const [name, value] of Object.entries(filter.metadata ?? {}))
    add('exists (select 1 from json_each(m.metadata) where key = ? and value = ?)', name, value);
  if (filter.provider !== undefined) {
    const isThere = `${some('attempts', 'x.provider = ?')} or ${some('queue', 'x.lane = ?')}`;
    add(`(${isThere})`, filter.provider, filter.provider);
  }
  for (const word of (filter.words ?? []).flatMap(wordsOf)) add('has_word(m.subject, ?)', word);
  return conditions;
}

/** Ids are made in the order of time, so that what is asked of either is asked of the key. */
function keyConditions(filter: MessageFilter, before: bigint | undefined, key: string): Condition[] {
  const until = filter.until === undefined ? MAX_ID : idToBigInt(firstIdAt(filter.until));
  const conditions: Condition[] = [
    { sql: `${key} < ?`, values: [before === undefined || until < before ? until : before] },
  ];
  if (filter.id !== undefined) conditions.push({ sql: `${key} = ?`, values: [idToBigInt(filter.id)] });
  if (filter.since !== undefined)
    conditions.push({ sql: `${key} >= ?`, values: [idToBigInt(firstIdAt(filter.since))] });
  return conditions;
}

function hasWord(subject: unknown, word: unknown): number {
  return Number(wordsOf(String(subject)).includes(String(word)));
}

/** Whether an address is the one looked for, or ends in the `@domain` looked for. */
function isAt(address: unknown, wanted: unknown): number {
  const [text, sought] = [String(address), String(wanted)];
  return Number(sought.startsWith('@') ? text.endsWith(sought) : text === sought);
}
