import { idToBigInt } from '../../core/id.ts';
import type { Reply } from '../../core/outcome.ts';
import type { AdoptedMessage, LeasedMessage, LeaseId, WireFact, WireJournal } from '../store.ts';
import { unavailable } from '../unavailable.ts';
import { AS_LONG_AS_THE_LAST, createTurns } from './batcher.ts';
import { type Database, RELAXED, type Sql } from './database.ts';
import { hasJournal } from './nodes.ts';
import { idOf } from './row-values.ts';
import { type ValuesList, valuesList } from './sql-values.ts';

type Dot = Parameters<WireJournal['dot']>[0];
type Replied = Parameters<WireJournal['replied']>[0];
type Entry = { readonly dot: Dot } | { readonly replied: Replied };

const DOT_COLUMNS = 'lease, message_id, attempt, provider, indexes, refused';
const DOT_TYPES = ['bigint', 'bigint', 'integer', 'integer', 'integer[]', 'json'];
const REPLY_TYPES = ['bigint', 'integer', 'json'];

/** The wire journal of this node's incarnation, in a table that no commit waits for the disk for. */
export interface WireTable extends WireJournal {
  start(lease: LeaseId): void;
  /** Waits for what is under way. */
  close(): Promise<void>;
}

/** Entries of one turn go in one statement, in the order in which they came. */
export function createWireTable(db: Database): WireTable {
  let ours: LeaseId | undefined;
  const turns = createTurns<Entry, undefined>({
    run: async entries => {
      if (ours === undefined) throw new Error('The wire journal is used by a node that has not joined.');
      await writeEntries(db, ours, entries);
      return entries.map(() => undefined);
    },
    isOfItem: () => false,
    maxItems: 1_000,
    gathers: AS_LONG_AS_THE_LAST,
  });
  return {
    start(lease) {
      ours = lease;
    },
    dot: dot => turns.add({ dot }),
    replied(replied) {
      // Lost, it only makes an outcome unknown that we would have known.
      turns.add({ replied }).catch(() => {});
    },
    close: () => turns.close(),
  };
}

/**
 * A node that others took for dead journals no dot, and so sends none: also when its clock stood still with it, as that of
 * a virtual machine does, so that it knows nothing of it.
 */
const LIVES = 'exists (select from nodes where lease = $1 and not has_left)';

/** In one statement: no entry is the reply to a dot that comes with it, since nothing is sent before its dot is here. */
async function writeEntries(db: Database, lease: LeaseId, entries: readonly Entry[]): Promise<void> {
  const dots = entries.flatMap(entry => ('dot' in entry ? [entry.dot] : []));
  const replies = entries.flatMap(entry => ('replied' in entry ? [entry.replied] : []));
  const values: unknown[] = [lease];
  const parts: string[] = [];
  let written = '0';
  if (dots.length > 0) {
    const list = dotList(lease, dots, values.length);
    parts.push(
      `d as (${insertDots(`select * from (${list.text}) as given (${DOT_COLUMNS}) where ${LIVES}`)} returning 1)`,
    );
    written = '(select count(*) from d)';
    values.push(...list.values);
  }
  if (replies.length > 0) {
    const list = replyList(replies, values.length);
    values.push(
      ...list.values,
      replies.map(({ id }) => idToBigInt(id)),
    );
    // The keys stand with the table, so that it is not read as a whole.
    parts.push(`r as (update wire w set reply = r.reply from (${list.text}) as r (message_id, attempt, reply)
      where w.message_id = r.message_id and w.attempt = r.attempt
      and w.lease = $1 and w.message_id = any($${values.length}::bigint[]))`);
  }
  const [row] = await db.often<{ written: bigint }>(
    `with ${parts.join(', ')} select ${written}::bigint as written, ${RELAXED}`,
    values,
  );
  if (Number(row?.written) < dots.length) throw unavailable('The lease has ended: others have its mail.');
}

function dotList(lease: LeaseId, dots: readonly Dot[], offset: number): ValuesList {
  return valuesList(
    DOT_TYPES,
    dots.map(dot => [
      ...[lease, idToBigInt(dot.id), dot.attempt, dot.provider],
      ...[dot.indexes, JSON.stringify(dot.refused.map(reply => reply ?? null))],
    ]),
    offset,
  );
}

function insertDots(list: string): string {
  return `insert into wire (${DOT_COLUMNS}) ${list}
      on conflict (lease, message_id, attempt) do update set
        provider = excluded.provider, indexes = excluded.indexes, refused = excluded.refused, reply = null`;
}

function replyList(replies: readonly Replied[], offset: number): ValuesList {
  const rows = replies.map(({ id, attempt, reply }) => [idToBigInt(id), attempt, JSON.stringify(reply)]);
  return valuesList(REPLY_TYPES, rows, offset);
}

interface WireRow {
  readonly message_id: bigint;
  readonly attempt: number;
  readonly provider: number;
  readonly indexes: readonly number[];
  readonly refused: readonly (Reply | null)[];
  readonly reply: Reply | null;
}

/**
 * What the journal of a dead incarnation says of messages that it held. From then on our own journal says the same, in
 * case we die too.
 */
export async function inherit(
  sql: Sql,
  { from, to, messages }: { from: LeaseId; to: LeaseId; messages: readonly LeasedMessage[] },
): Promise<readonly AdoptedMessage[]> {
  if (messages.length === 0) return [];
  if (!(await hasJournal(sql, from))) {
    const dots = messages.map(everythingMayBeSent);
    const list = dotList(to, dots, 0);
    await sql.change(insertDots(list.text), list.values);
    return messages.map((message, i) => ({ message, facts: dots.slice(i, i + 1).map(dotFact) }));
  }
  const ids = messages.map(({ id }) => idToBigInt(id));
  const rows = await sql.rows<WireRow>(
    `update wire set lease = $1 where lease = $2 and message_id = any($3::bigint[])
      returning message_id, attempt, provider, indexes, refused, reply`,
    [to, from, ids],
  );
  const byMessage = Map.groupBy(rows, row => idOf(row.message_id));
  return messages.map(message => ({ message, facts: factsOf(message, byMessage.get(message.id) ?? []) }));
}

/** Entries of earlier attempts belong to leases that have ended. */
function factsOf(message: LeasedMessage, rows: readonly WireRow[]): readonly WireFact[] {
  return rows
    .filter(({ attempt }) => attempt >= message.attempt)
    .toSorted((a, b) => a.attempt - b.attempt)
    .map(({ attempt, provider, indexes, refused, reply }) => ({
      ...{ attempt, provider, indexes },
      refused: refused.map(one => one ?? undefined),
      ...(reply && { reply }),
    }));
}

/** Without a whole journal nobody knows what was sent: all of it may have been. */
function everythingMayBeSent({ id, attempt, lane, recipients }: LeasedMessage): Dot {
  return { id, attempt, provider: lane, indexes: recipients.map(({ index }) => index), refused: [] };
}

function dotFact({ attempt, provider, indexes, refused }: Dot): WireFact {
  return { attempt, provider, indexes, refused };
}
