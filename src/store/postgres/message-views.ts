import type { Address } from '../../core/address.ts';
import type { Event, EventData, EventType } from '../../core/event.ts';
import type { AccountId } from '../../core/message.ts';
import type { AttemptRecord, MessageView, RecipientView } from '../../core/message-view.ts';
import type { Phase, RecipientState } from '../../core/outcome.ts';
import { NO_LANE } from '../store.ts';
import type { Sql } from './database.ts';
import { FIRST_OPEN_SEQ } from './event-log.ts';
import { idOf, priorityOf, replyOf } from './row-values.ts';

interface MessageRow {
  readonly id: bigint;
  readonly account: number;
  readonly dialect: string;
  readonly sender: Address | '';
  readonly header_from: Address | '';
  readonly subject: string;
  readonly message_id_header: string;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly priority: number;
  readonly size: number;
  readonly created_at: bigint;
  readonly expires_at: bigint;
  readonly lane: number | null;
  readonly lease: bigint | null;
}

interface RecipientRow {
  readonly message_id: bigint;
  readonly n: number;
  readonly address: Address;
  readonly state: RecipientState;
  readonly attempts: number;
  readonly due_at: bigint | null;
  readonly code: number | null;
  readonly enhanced: string | null;
  readonly reason: string | null;
}

interface AttemptRow {
  readonly number: number;
  readonly provider: number;
  readonly started_at: bigint;
  readonly duration_ms: number;
  readonly phase: Phase;
  readonly code: number | null;
  readonly enhanced: string | null;
  readonly reply: string | null;
  readonly error: string | null;
  readonly remote: string | null;
  readonly converted: boolean;
  readonly repeated: boolean;
}

interface EventRow {
  readonly seq: bigint;
  readonly at: bigint;
  readonly type: EventType;
  readonly account: number | null;
  readonly message_id: bigint | null;
  readonly n: number | null;
  readonly provider: number | null;
  readonly data: string;
  readonly is_settled: boolean;
}

/** Messages by id, in the order of the ids, with their recipients. */
export async function messageViews(sql: Sql, ids: readonly bigint[]): Promise<readonly MessageView[]> {
  if (ids.length === 0) return [];
  const messages = await sql.rows<MessageRow>(
    `select m.*, q.lane, q.lease from messages m left join queue q on q.message_id = m.id
      where m.id = any($1::bigint[])`,
    [ids],
  );
  const recipients = await sql.rows<RecipientRow>(
    'select * from recipients where message_id = any($1::bigint[]) order by message_id, n',
    [ids],
  );
  const byId = new Map(messages.map(row => [row.id, row]));
  const ofMessage = Map.groupBy(recipients, row => row.message_id);
  return ids.flatMap(id => {
    const row = byId.get(id);
    return row === undefined ? [] : messageView(row, ofMessage.get(id) ?? []);
  });
}

export async function attemptsOf(sql: Sql, id: bigint): Promise<readonly AttemptRecord[]> {
  const rows = await sql.rows<AttemptRow>('select * from attempts where message_id = $1 order by number', [
    id,
  ]);
  return rows.map(attemptRecord);
}

export async function bodyOf(sql: Sql, id: bigint): Promise<Buffer | undefined> {
  const [row] = await sql.rows<{ mime: Buffer }>('select mime from bodies where message_id = $1', [id]);
  return row?.mime;
}

export interface EventsRequest {
  readonly after: bigint;
  readonly limit: number;
  readonly account?: AccountId;
  readonly messageId?: bigint;
  readonly types?: readonly EventType[];
}

/**
 * Events after a seq, oldest first, as far as nothing can come before them any more; those of one message, which is
 * changed by one transaction at a time, as soon as they are there. `isHeldBack`: there are others, which nobody can be
 * shown yet.
 */
export async function eventsAfter(
  sql: Sql,
  { after, limit, account, messageId, types }: EventsRequest,
): Promise<{ readonly events: readonly Event[]; readonly isHeldBack: boolean }> {
  const values: unknown[] = [after, limit];
  const conditions = ['seq > $1'];
  const add = (column: string, value: unknown): void => {
    values.push(value);
    conditions.push(`${column} = $${values.length}`);
  };
  if (account !== undefined) add('account', account);
  if (messageId !== undefined) add('message_id', messageId);
  if (types !== undefined) {
    values.push(types);
    conditions.push(`type = any($${values.length}::text[])`);
  }
  const isSettled = messageId === undefined ? `seq < ${FIRST_OPEN_SEQ}` : 'true';
  const rows = await sql.rows<EventRow>(
    `select seq, at, type, account, message_id, n, provider, data, ${isSettled} as is_settled
      from events where ${conditions.join(' and ')} order by seq limit $2`,
    values,
  );
  const settled = rows.filter(row => row.is_settled);
  const addresses = await addressesOf(sql, settled);
  const events = settled.map(row => eventOf(row, addresses.get(`${row.message_id} ${row.n}`)));
  return { events, isHeldBack: settled.length < rows.length };
}

/** Recipients of events, by message and index: `MESSAGE N`. */
export async function addressesOf(
  sql: Sql,
  rows: readonly Pick<EventRow, 'message_id' | 'n'>[],
): Promise<ReadonlyMap<string, Address>> {
  const ids = rows.flatMap(({ n, message_id }) => (n === null || message_id === null ? [] : message_id));
  if (ids.length === 0) return new Map();
  const found = await sql.rows<{ message_id: bigint; n: number; address: Address }>(
    'select message_id, n, address from recipients where message_id = any($1::bigint[])',
    [[...new Set(ids)]],
  );
  return new Map(found.map(({ message_id, n, address }) => [`${message_id} ${n}`, address]));
}

function messageView(row: MessageRow, recipients: readonly RecipientRow[]): MessageView {
  return {
    id: idOf(row.id),
    account: row.account,
    dialect: row.dialect,
    sender: row.sender,
    from: row.header_from,
    subject: row.subject,
    messageIdHeader: row.message_id_header,
    tags: row.tags,
    metadata: row.metadata,
    priority: priorityOf(row.priority),
    lane: row.lane ?? NO_LANE,
    size: row.size,
    createdAt: Number(row.created_at),
    expiresAt: Number(row.expires_at),
    isLeased: row.lease !== null,
    recipients: recipients.map(recipientView),
  };
}

function recipientView(row: RecipientRow): RecipientView {
  const lastReply = replyOf(row.code, row.enhanced, row.reason);
  return {
    index: row.n,
    address: row.address,
    state: row.state,
    attempts: row.attempts,
    ...(row.due_at !== null && { dueAt: Number(row.due_at) }),
    ...(lastReply && { lastReply }),
    ...(!lastReply && row.reason !== null && { lastError: row.reason }),
  };
}

function attemptRecord(row: AttemptRow): AttemptRecord {
  const reply = replyOf(row.code, row.enhanced, row.reply);
  return {
    number: row.number,
    provider: row.provider,
    startedAt: Number(row.started_at),
    durationMs: row.duration_ms,
    phase: row.phase,
    ...(reply && { reply }),
    ...(row.error !== null && { error: row.error }),
    ...(row.remote !== null && { remote: row.remote }),
    ...(row.converted && { converted: true }),
    ...(row.repeated && { repeated: true }),
  };
}

function eventOf(row: EventRow, recipient: Address | undefined): Event {
  return {
    seq: String(row.seq),
    at: Number(row.at),
    type: row.type,
    ...(row.account !== null && { account: row.account }),
    ...(row.message_id !== null && { messageId: idOf(row.message_id) }),
    ...(recipient !== undefined && { recipient }),
    ...(row.provider !== null && { provider: row.provider }),
    data: JSON.parse(row.data) as EventData,
  };
}
