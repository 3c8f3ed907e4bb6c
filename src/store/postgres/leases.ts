import type { Address } from '../../core/address.ts';
import { idToBigInt } from '../../core/id.ts';
import type { MessageId, ProviderId } from '../../core/message.ts';
import type { ClaimRequest, ClaimResult, DueRecipient, LeasedMessage, LeaseId } from '../store.ts';
import type { Database, Sql } from './database.ts';
import { escaped, fromEscaped } from './escaped-bytes.ts';
import type { Doubts } from './in-doubt-leases.ts';
import { idOf, priorityOf } from './row-values.ts';

interface QueuedRow {
  readonly message_id: bigint;
  readonly lane: number;
  readonly attempts: number;
  readonly size: number;
}

interface MessageRow {
  readonly id: bigint;
  readonly account: number;
  readonly dialect: string;
  readonly sender: Address | '';
  readonly header_from: Address | '';
  readonly priority: number;
  readonly eight_bit: boolean;
  readonly smtputf8: boolean;
  readonly created_at: bigint;
  readonly expires_at: bigint;
  readonly mime: string;
}

const PRIORITY_LEVELS = [0, 1, 2] as const;
const WAITING = (level: number) => `from queue where lane = $1 and priority = ${level} and lease is null`;

/** Each level by itself, so that what is due later in one does not stand before what is due now in the next. */
const DUE = PRIORITY_LEVELS.map(
  level => `select * from (select message_id, lane, attempts, size, ${level} as level, due_at ${WAITING(level)}
    and due_at <= $2 order by due_at, message_id limit $3 for update skip locked) as level_${level}`,
).join(' union all ');
const NEXT_DUE = PRIORITY_LEVELS.map(
  level => `(select due_at ${WAITING(level)} order by due_at limit 1)`,
).join(', ');

/** Leases what is due in a lane; what another node is about to lease is passed over. */
export function claim(db: Database, doubts: Doubts, request: ClaimRequest): Promise<ClaimResult> {
  let ids: readonly bigint[] = [];
  const work = async (sql: Sql) => {
    const rows = await takeDue(sql, request);
    ids = rows.map(row => row.message_id);
    const messages = await load(sql, rows, request.now);
    const nextDueAt = await nextDue(sql, request.lane);
    return nextDueAt === undefined ? { messages } : { messages, nextDueAt };
  };
  return doubts.watch(
    () => db.transaction(work),
    () => ids.map(id => ({ id, lease: request.lease })),
  );
}

async function takeDue(sql: Sql, { lane, lease, now, limit, maxBytes }: ClaimRequest): Promise<QueuedRow[]> {
  const due = await sql.often<QueuedRow>(`${DUE} order by level, due_at, message_id limit $3`, [
    lane,
    now,
    limit,
  ]);
  const taken: QueuedRow[] = [];
  let bytes = 0;
  for (const row of due) {
    bytes += row.size;
    // Nothing smaller may overtake what does not fit: it goes first next time.
    if (taken.length > 0 && bytes > maxBytes) break;
    taken.push({ ...row, attempts: row.attempts + 1 });
  }
  if (taken.length > 0)
    await sql.often(
      'update queue set lease = $1, attempts = attempts + 1 where message_id = any($2::bigint[])',
      [lease, taken.map(row => row.message_id)],
    );
  return taken;
}

async function nextDue(sql: Sql, lane: ProviderId): Promise<number | undefined> {
  const [row] = await sql.often<{ due_at: bigint | null }>(`select least(${NEXT_DUE}) as due_at`, [lane]);
  const dueAt = row?.due_at ?? null;
  return dueAt === null ? undefined : Number(dueAt);
}

/** Up to `limit` messages under a lease, each with all recipients that are not terminal. */
export async function held(sql: Sql, lease: LeaseId, limit: number): Promise<readonly LeasedMessage[]> {
  const rows = await sql.rows<QueuedRow>(
    `select message_id, lane, attempts, size from queue where lease = $1 order by message_id limit $2 for update`,
    [lease, limit],
  );
  return load(sql, rows, Number.MAX_SAFE_INTEGER);
}

/** The leased messages of rows: what is stored of them, and the recipients that are due by `now`. */
async function load(sql: Sql, rows: readonly QueuedRow[], now: number): Promise<readonly LeasedMessage[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(row => row.message_id);
  // The ids stand with both tables, so that only their days' partitions are looked into.
  const messages = await sql.often<MessageRow>(
    `select m.id, m.account, m.dialect, m.sender, m.header_from, m.priority, m.eight_bit, m.smtputf8, m.created_at,
      m.expires_at, ${escaped('b.mime')} as mime from messages m join bodies b on b.message_id = m.id
      where m.id = any($1::bigint[]) and b.message_id = any($1::bigint[])`,
    [ids],
  );
  const byId = new Map(messages.map(row => [row.id, row]));
  const recipients = await dueRecipients(sql, ids, now);
  return rows.flatMap(row => {
    const message = byId.get(row.message_id);
    return message === undefined ? [] : leasedMessage(row, message, recipients.get(row.message_id) ?? []);
  });
}

interface RecipientRow {
  readonly message_id: bigint;
  readonly n: number;
  readonly address: Address;
  readonly state: string;
  readonly attempts: number;
}

async function dueRecipients(
  sql: Sql,
  ids: readonly bigint[],
  now: number,
): Promise<ReadonlyMap<bigint, readonly DueRecipient[]>> {
  const rows = await sql.often<RecipientRow>(
    `select message_id, n, address, state, attempts from recipients
      where message_id = any($1::bigint[]) and due_at <= $2 order by message_id, n`,
    [ids, now],
  );
  const byMessage = Map.groupBy(rows, row => row.message_id);
  return new Map([...byMessage].map(([id, group]) => [id, group.map(dueRecipient)]));
}

function dueRecipient({ n, address, state, attempts }: RecipientRow): DueRecipient {
  return { index: n, address, wasUnknown: state === 'unknown', attempts };
}

function leasedMessage(
  { lane, attempts }: QueuedRow,
  row: MessageRow,
  recipients: readonly DueRecipient[],
): LeasedMessage {
  return {
    id: idOf(row.id),
    account: row.account,
    dialect: row.dialect,
    sender: row.sender,
    recipients,
    mime: fromEscaped(row.mime),
    eightBit: row.eight_bit,
    smtputf8: row.smtputf8,
    from: row.header_from,
    priority: priorityOf(row.priority),
    lane,
    createdAt: Number(row.created_at),
    expiresAt: Number(row.expires_at),
    attempt: attempts,
  };
}

/** Gives a message back as if never claimed; never due before its earliest recipient. */
export async function release(
  sql: Sql,
  { id, lease, lane, dueAt }: { id: MessageId; lease: LeaseId; lane: ProviderId; dueAt: number },
): Promise<boolean> {
  const changed = await sql.change(
    `update queue set lease = null, attempts = attempts - 1, lane = $1, due_at = greatest($2,
      (select min(due_at) from recipients r where r.message_id = $3)) where message_id = $3 and lease = $4`,
    [lane, dueAt, idToBigInt(id), lease],
  );
  return changed === 1;
}
