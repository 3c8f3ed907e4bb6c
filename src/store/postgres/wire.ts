import { idToBigInt } from '../../core/id.ts';
import type { MessageId } from '../../core/message.ts';
import type { Reply } from '../../core/outcome.ts';
import type { AdoptedMessage, LeasedMessage, LeaseId, WireFact, WireJournal } from '../store.ts';
import type { Database, Sql } from './database.ts';
import { isSameServer } from './nodes.ts';
import { idOf } from './rows.ts';
import { createTurns } from './turns.ts';
import { valuesList } from './values.ts';

type Dot = Parameters<WireJournal['dot']>[0];
type Replied = Parameters<WireJournal['replied']>[0];
type Entry = { readonly dot: Dot } | { readonly replied: Replied };

const DOT_TYPES = ['bigint', 'bigint', 'integer', 'integer', 'integer[]', 'json'];
const REPLY_TYPES = ['bigint', 'bigint', 'integer', 'json'];

/** The wire journal of this node's incarnation, in a table that no commit waits for the disk for. */
export interface WireTable extends WireJournal {
  start(lease: LeaseId): void;
}

/** Entries of one turn go in one statement, in the order in which they came. */
export function createWireTable(db: Database): WireTable {
  let ours: LeaseId | undefined;
  const write = createTurns<Entry, undefined>({
    run: async entries => {
      if (ours === undefined) throw new Error('The wire journal is used by a node that has not joined.');
      await writeEntries(db, ours, entries);
      return entries.map(() => undefined);
    },
    isOfItem: () => false,
    maxItems: 1_000,
    // In order: the reply to a dot comes after it.
    inFlight: 1,
  });
  return {
    start(lease) {
      ours = lease;
    },
    dot: dot => write({ dot }),
    replied(replied) {
      // Lost, it only makes an outcome unknown that we would have known.
      write({ replied }).catch(() => {});
    },
  };
}

async function writeEntries(db: Database, lease: LeaseId, entries: readonly Entry[]): Promise<void> {
  const dots = entries.flatMap(entry => ('dot' in entry ? [entry.dot] : []));
  const replies = entries.flatMap(entry => ('replied' in entry ? [entry.replied] : []));
  await db.relaxed(async sql => {
    if (dots.length > 0) await insertDots(sql, lease, dots);
    if (replies.length > 0) await updateReplies(sql, lease, replies);
  });
}

async function insertDots(sql: Sql, lease: LeaseId, dots: readonly Dot[]): Promise<void> {
  const list = valuesList(
    DOT_TYPES,
    dots.map(dot => [
      ...[lease, idToBigInt(dot.id), dot.attempt, dot.provider],
      ...[dot.indexes, JSON.stringify(dot.refused.map(reply => reply ?? null))],
    ]),
  );
  await sql.change(
    `insert into wire (lease, message_id, attempt, provider, indexes, refused) ${list.text}
      on conflict (lease, message_id, attempt) do update set
        provider = excluded.provider, indexes = excluded.indexes, refused = excluded.refused, reply = null`,
    list.values,
  );
}

async function updateReplies(sql: Sql, lease: LeaseId, replies: readonly Replied[]): Promise<void> {
  const list = valuesList(
    REPLY_TYPES,
    replies.map(({ id, attempt, reply }) => [lease, idToBigInt(id), attempt, JSON.stringify(reply)]),
  );
  await sql.change(
    `update wire w set reply = r.reply from (${list.text}) as r (lease, message_id, attempt, reply)
      where w.lease = r.lease and w.message_id = r.message_id and w.attempt = r.attempt`,
    list.values,
  );
}

/** The attempts whose messages are no longer under way are no longer needed. */
export async function forget(sql: Sql, ids: readonly MessageId[]): Promise<void> {
  await sql.change('delete from wire where message_id = any($1::bigint[])', [ids.map(idToBigInt)]);
}

interface WireRow {
  readonly message_id: bigint;
  readonly attempt: number;
  readonly provider: number;
  readonly indexes: readonly number[];
  readonly refused: readonly (Reply | null)[];
  readonly reply: Reply | null;
}

/** What the journal of a dead incarnation says of messages that it held. */
export async function withFacts(
  sql: Sql,
  lease: LeaseId,
  messages: readonly LeasedMessage[],
): Promise<readonly AdoptedMessage[]> {
  if (!(await isSameServer(sql, lease))) return messages.map(unknownWhole);
  const rows = await sql.rows<WireRow>(
    'select * from wire where lease = $1 and message_id = any($2::bigint[]) order by message_id, attempt',
    [lease, messages.map(({ id }) => idToBigInt(id))],
  );
  const facts = Map.groupBy(rows, row => idOf(row.message_id));
  return messages.map(message => ({ message, facts: (facts.get(message.id) ?? []).map(factOf) }));
}

function factOf({ attempt, provider, indexes, refused, reply }: WireRow): WireFact {
  return {
    ...{ attempt, provider, indexes },
    refused: refused.map(one => one ?? undefined),
    ...(reply && { reply }),
  };
}

/** As if its dot had gone out to all, and nothing had been heard. */
function unknownWhole(message: LeasedMessage): AdoptedMessage {
  const indexes = message.recipients.map(({ index }) => index);
  const refused = indexes.map(() => undefined);
  return { message, facts: [{ attempt: message.attempt, provider: message.lane, indexes, refused }] };
}
