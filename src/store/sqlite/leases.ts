import type { Database } from 'better-sqlite3';
import type { Address } from '../../core/address.ts';
import { idToBigInt } from '../../core/id.ts';
import type { MessageId, ProviderId } from '../../core/message.ts';
import type { ClaimRequest, ClaimResult, DueRecipient, LeasedMessage, LeaseId } from '../store.ts';
import { BOUND, idOf, PRIORITY_LEVELS, priorityOf } from './row-values.ts';

/** The verbs that give and take back leases. */
export interface Leases {
  claim(request: ClaimRequest): ClaimResult;
  release(back: { id: MessageId; lease: LeaseId; lane: ProviderId; dueAt: number }): boolean;
  /** Up to `limit` messages under a lease, each with all recipients that are not terminal. */
  held(lease: LeaseId, limit: number): readonly LeasedMessage[];
  move(ids: readonly MessageId[], to: LeaseId): void;
}

interface MessageRow {
  id: bigint;
  account: bigint;
  dialect: string;
  sender: Address | '';
  header_from: Address | '';
  priority: bigint;
  eight_bit: bigint;
  smtputf8: bigint;
  size: bigint;
  created_at: bigint;
  expires_at: bigint;
  lane: bigint;
  attempts: bigint;
}

interface RecipientRow {
  n: number;
  address: Address;
  state: string;
  attempts: number;
}

export function prepareLeases(db: Database): Leases {
  const due = db
    .prepare(`${SELECT_QUEUED} where q.lane = ${BOUND} and q.priority = ${BOUND} and q.lease is null and q.due_at <= ?
      order by q.due_at, q.message_id limit ${BOUND}`)
    .safeIntegers();
  const held = db
    .prepare(`${SELECT_QUEUED} where q.lease = ${BOUND} order by q.message_id limit ?`)
    .safeIntegers();
  const takeLease = db.prepare('update queue set lease = ?, attempts = attempts + 1 where message_id = ?');
  const moveLease = db.prepare('update queue set lease = ? where message_id = ?');
  // Never due before its earliest recipient, even when the clock was set back.
  const giveBack = db.prepare(`update queue set lease = null, attempts = attempts - 1, lane = ?,
    due_at = max(?, (select min(due_at) from recipients r where r.message_id = queue.message_id))
    where message_id = ? and lease = ?`);
  const nextDue = db
    .prepare(
      `select due_at from queue where lane = ${BOUND} and priority = ${BOUND} and lease is null order by due_at limit 1`,
    )
    .pluck();
  const load = prepareLoad(db);

  function take({ lane, lease, now, limit, maxBytes }: ClaimRequest): LeasedMessage[] {
    const messages: LeasedMessage[] = [];
    let bytes = 0;
    for (const level of PRIORITY_LEVELS) {
      for (const row of due.all(lane, level, now, limit - messages.length) as MessageRow[]) {
        bytes += Number(row.size);
        // Nothing smaller may overtake what does not fit: it goes first next time.
        if (messages.length > 0 && bytes > maxBytes) return messages;
        takeLease.run(lease, row.id);
        messages.push(load(row, Number(row.attempts) + 1, now));
      }
    }
    return messages;
  }

  function nextDueAt(lane: ProviderId): number | undefined {
    const times = PRIORITY_LEVELS.map(level => nextDue.get(lane, level) as number | undefined);
    const known = times.filter(time => time !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  }

  return {
    claim(request) {
      const messages = take(request);
      const next = nextDueAt(request.lane);
      return next === undefined ? { messages } : { messages, nextDueAt: next };
    },
    release({ id, lease, lane, dueAt }) {
      return giveBack.run(lane, dueAt, idToBigInt(id), lease).changes === 1;
    },
    held(lease, limit) {
      const rows = held.all(lease, limit) as MessageRow[];
      return rows.map(row => load(row, Number(row.attempts), Number.MAX_SAFE_INTEGER));
    },
    move(ids, to) {
      for (const id of ids) moveLease.run(to, idToBigInt(id));
    },
  };
}

const SELECT_QUEUED = `select m.id, m.account, m.dialect, m.sender, m.header_from, m.priority, m.eight_bit, m.smtputf8, m.size,
  m.created_at, m.expires_at, q.lane, q.attempts from queue q join messages m on m.id = q.message_id`;

/** Makes the leased message of a row: its body, and the recipients that are due by `now`. */
function prepareLoad(db: Database): (row: MessageRow, attempt: number, now: number) => LeasedMessage {
  const body = db.prepare('select mime from bodies where message_id = ?').pluck();
  const recipients = db.prepare(
    `select n, address, state, attempts from recipients where message_id = ${BOUND} and due_at <= ? order by n`,
  );
  return (row, attempt, now) => ({
    id: idOf(row.id),
    account: Number(row.account),
    dialect: row.dialect,
    sender: row.sender,
    recipients: (recipients.all(row.id, now) as RecipientRow[]).map(dueRecipient),
    mime: body.get(row.id) as Buffer,
    eightBit: row.eight_bit === 1n,
    smtputf8: row.smtputf8 === 1n,
    from: row.header_from,
    priority: priorityOf(row.priority),
    lane: Number(row.lane),
    createdAt: Number(row.created_at),
    expiresAt: Number(row.expires_at),
    attempt,
  });
}

function dueRecipient(row: RecipientRow): DueRecipient {
  return { index: row.n, address: row.address, wasUnknown: row.state === 'unknown', attempts: row.attempts };
}
