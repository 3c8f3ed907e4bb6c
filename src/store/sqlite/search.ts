import type { Database } from 'better-sqlite3';
import { firstIdAt, idToBigInt } from '../../core/id.ts';
import type { MessageFilter } from '../store.ts';
import { filterTerms, wordsOf } from '../terms.ts';

/** Finds the ids of messages, newest first, that match a filter and are older than `before`. */
export type Search = (filter: MessageFilter, before: bigint | undefined, limit: number) => readonly bigint[];

interface Condition {
  readonly sql: string;
  readonly values: readonly unknown[];
}

/** Where candidates come from: a table expression that has messages as `m`, and the column their order is read from. */
interface Source {
  readonly from: string;
  readonly key: string;
  readonly conditions: readonly Condition[];
}

const MAX_ID = (1n << 63n) - 1n;
const MESSAGES = { from: 'messages m', key: 'm.id' };

/**
 * Candidates come from the search index and from what it has not read yet; or, when nothing of the filter is indexed,
 * from the queue or all messages in order of time. Each is then held against the tables themselves, so that the answer
 * is exact although the index is a few seconds behind and keeps a state that a retry has ended.
 */
export function prepareSearch(db: Database): Search {
  const indexedSeq = db.prepare(`select value from marks where name = 'indexed seq'`).pluck();
  db.function('has_word', { deterministic: true }, hasWord);
  db.function('is_at', { deterministic: true }, isAt);

  return (filter, before, limit) => {
    const wanted = exactConditions(filter);
    const parts = sourcesOf(filter, (indexedSeq.get() as number | undefined) ?? 0).map(source =>
      select(source, [...source.conditions, ...keyConditions(filter, before, source.key), ...wanted], limit),
    );
    const sql = `${parts.map(part => part.sql).join(' union ')} order by 1 desc limit ?`;
    const values = parts.flatMap(part => part.values);
    return db
      .prepare(sql)
      .pluck()
      .safeIntegers()
      .all(...values, limit) as bigint[];
  };
}

/** The newest messages of one source that meet all conditions. */
function select({ from, key }: Source, conditions: readonly Condition[], limit: number): Condition {
  const where = conditions.map(condition => condition.sql).join(' and ');
  return {
    sql: `select * from (select m.id from ${from} where ${where} order by ${key} desc limit ?)`,
    values: [...conditions.flatMap(condition => condition.values), limit],
  };
}

function sourcesOf(filter: MessageFilter, indexedSeq: number): readonly Source[] {
  const terms = filterTerms(filter);
  if (terms.length > 0) {
    return [
      {
        // The order of the join is fixed, so that the newest come first without reading all that the index knows.
        from: 'search cross join messages m on m.id = search.rowid',
        key: 'search.rowid',
        conditions: [{ sql: 'search match ?', values: [terms.map(quote).join(' ')] }],
      },
      {
        ...MESSAGES,
        conditions: [{ sql: 'm.id in (select message_id from events where seq > ?)', values: [indexedSeq] }],
      },
    ];
  }
  const isLive = filter.state === 'queued' || filter.state === 'deferred';
  return [
    {
      ...MESSAGES,
      conditions: isLive ? [{ sql: 'm.id in (select message_id from queue)', values: [] }] : [],
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
