import type { Address } from '../../core/address.ts';
import { idToBigInt } from '../../core/id.ts';
import type { MessageId, ProviderId } from '../../core/message.ts';
import type { ClaimRequest, ClaimResult, DueRecipient, LeasedMessage, LeaseId } from '../store.ts';
import type { Database, Sql } from './database.ts';
import { idOf, priorityOf } from './rows.ts';

interface QueuedRow {
  readonly id: bigint;
  readonly account: number;
  readonly dialect: string;
  readonly sender: Address | '';
  readonly header_from: Address | '';
  readonly priority: number;
  readonly eight_bit: boolean;
  readonly smtputf8: boolean;
  readonly size: number;
  readonly created_at: bigint;
  readonly expires_at: bigint;
  readonly lane: number;
  readonly attempts: number;
}

const SELECT_QUEUED = `select m.id, m.account, m.dialect, m.sender, m.header_from, m.priority, m.eight_bit,
  m.smtputf8, m.size, m.created_at, m.expires_at, q.lane, q.attempts
  from queue q join messages m on m.id = q.message_id`;
const NEXT_DUE = `select due_at from queue where lane = $1 and priority = $2 and lease is null
  order by due_at limit 1`;
const PRIORITY_LEVELS = [0, 1, 2] as const;

/** Leases what is due in a lane; what another node is about to lease is passed over. */
export function claim(db: Database, request: ClaimRequest): Promise<ClaimResult> {
  return db.transaction(async sql => {
    const rows = await takeDue(sql, request);
    const messages = await load(sql, rows, request.now);
    const nextDueAt = await nextDue(sql, request.lane);
    return nextDueAt === undefined ? { messages } : { messages, nextDueAt };
  });
}

async function takeDue(sql: Sql, { lane, lease, now, limit, maxBytes }: ClaimRequest): Promise<QueuedRow[]> {
  const taken: QueuedRow[] = [];
  let bytes = 0;
  let isFull = false;
  for (const level of PRIORITY_LEVELS) {
    if (isFull || taken.length === limit) break;
    const due = await sql.rows<QueuedRow>(
      `${SELECT_QUEUED} where q.lane = $1 and q.priority = $2 and q.lease is null and q.due_at <= $3
        order by q.due_at, q.message_id limit $4 for update of q skip locked`,
      [lane, level, now, limit - taken.length],
    );
    for (const row of due) {
      bytes += row.size;
      // Nothing smaller may overtake what does not fit: it goes first next time.
      isFull = taken.length > 0 && bytes > maxBytes;
      if (isFull) break;
      taken.push({ ...row, attempts: row.attempts + 1 });
    }
  }
  const ids = taken.map(({ id }) => id);
  if (ids.length > 0)
    await sql.change(
      'update queue set lease = $1, attempts = attempts + 1 where message_id = any($2::bigint[])',
      [lease, ids],
    );
  return taken;
}

async function nextDue(sql: Sql, lane: ProviderId): Promise<number | undefined> {
  const times: number[] = [];
  for (const level of PRIORITY_LEVELS) {
    const [row] = await sql.rows<{ due_at: bigint }>(NEXT_DUE, [lane, level]);
    if (row !== undefined) times.push(Number(row.due_at));
  }
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Up to `limit` messages under a lease, each with all recipients that are not terminal. */
export async function held(sql: Sql, lease: LeaseId, limit: number): Promise<readonly LeasedMessage[]> {
  const rows = await sql.rows<QueuedRow>(
    `${SELECT_QUEUED} where q.lease = $1 order by q.message_id limit $2 for update of q`,
    [lease, limit],
  );
  return load(sql, rows, Number.MAX_SAFE_INTEGER);
}

/** The leased messages of rows: their bodies, and the recipients that are due by `now`. */
async function load(sql: Sql, rows: readonly QueuedRow[], now: number): Promise<readonly LeasedMessage[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const bodies = await sql.rows<{ message_id: bigint; mime: Buffer }>(
    'select message_id, mime from bodies where message_id = any($1::bigint[])',
    [ids],
  );
  const mimes = new Map(bodies.map(row => [row.message_id, row.mime]));
  const recipients = await dueRecipients(sql, ids, now);
  return rows.flatMap(row => {
    const mime = mimes.get(row.id);
    return mime === undefined ? [] : leasedMessage(row, mime, recipients.get(row.id) ?? []);
  });
}

async function dueRecipients(
  sql: Sql,
  ids: readonly bigint[],
  now: number,
): Promise<ReadonlyMap<bigint, readonly DueRecipient[]>> {
  const rows = await sql.rows<{
    message_id: bigint;
    n: number;
    address: Address;
    state: string;
    attempts: number;
  }>(
    `select message_id, n, address, state, attempts from recipients
      where message_id = any($1::bigint[]) and due_at <= $2 order by message_id, n`,
    [ids, now],
  );
  const byMessage = Map.groupBy(rows, row => row.message_id);
  return new Map(
    [...byMessage].map(([id, group]) => [
      id,
      group.map(({ n, address, state, attempts }) => ({
        index: n,
        address,
        wasUnknown: state === 'unknown',
        attempts,
      })),
    ]),
  );
}

function leasedMessage(
  row: QueuedRow,
  mime: Buffer,
  recipients: readonly DueRecipient[],
): LeasedMessage {
  return {
    id: idOf(row.id),
    account: row.account,
    dialect: row.dialect,
    sender: row.sender,
    recipients,
    mime,
    eightBit: row.eight_bit,
    smtputf8: row.smtputf8,
    from: row.header_from,
    priority: priorityOf(row.priority),
    lane: row.lane,
    createdAt: Number(row.created_at),
    expiresAt: Number(row.expires_at),
    attempt: row.attempts,
  };
}

/** Gives a message back as if never claimed; never due before its earliest recipient. */
export async function release(
  sql: Sql,
  { id, lease, lane, dueAt }: { id: MessageId; lease: LeaseId; lane: ProviderId; dueAt: number },
): Promise<boolean> {
  const changed = await sql.change(
    `update queue set lease = null, attempts = attempts - 1, lane = $1, due_at = greatest($2,
      (select min(due_at) from recipients r where r.message_id = queue.message_id))
      where message_id = $3 and lease = $4`,
    [lane, dueAt, idToBigInt(id), lease],
  );
  return changed === 1;
}
