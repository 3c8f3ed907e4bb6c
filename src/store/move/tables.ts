import { wordsOf } from '../search-terms.ts';

// What a move copies, table by table. Both engines call their tables and columns the same; a column is read by its name
// in the new database unless it is said here where its value comes from.

export interface MovedTable {
  readonly name: string;
  /** Its primary key, in the order of which rows are read. */
  readonly key: string;
  /** Columns whose values the old database has elsewhere: SQL on a row of it. */
  readonly from?: Readonly<Record<string, string>>;
  /** Columns whose values are made from what was read. */
  readonly convert?: Readonly<Record<string, (value: unknown) => unknown>>;
}

export const MOVED_TABLES: readonly MovedTable[] = [
  { name: 'records', key: 'kind, id' },
  { name: 'audit', key: 'id' },
  { name: 'addresses', key: 'id' },
  { name: 'balances', key: 'id' },
  { name: 'sent_items', key: 'id' },
  { name: 'counters', key: 'counter, bucket' },
  { name: 'idempotency', key: 'account, key' },
  { name: 'traffic', key: 'step, at, account, provider, type, slot' },
  { name: 'domain_traffic', key: 'at, domain, account, provider, type, slot' },
  { name: 'refusals', key: 'at, account, provider, domain, code, enhanced' },
  { name: 'cursors', key: 'reader' },
  // Events keep their numbers, so that every reader's cursor stays good, also those that we do not know of.
  { name: 'events', key: 'seq' },
  {
    name: 'messages',
    key: 'id',
    from: { words: 'subject' },
    convert: { words: subject => wordsOf(String(subject)), tags: tags => JSON.parse(String(tags)) },
  },
  { name: 'bodies', key: 'message_id' },
  { name: 'recipients', key: 'message_id, n' },
  { name: 'attempts', key: 'message_id, number' },
  {
    name: 'queue',
    key: 'message_id',
    from: { size: '(select size from messages m where m.id = queue.message_id)' },
  },
];

/** Tables that a move writes anew from what it finds in the others. */
export const MADE_TABLES = ['nodes', 'marks', 'migrations', 'search'] as const;
