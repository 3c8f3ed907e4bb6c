import type { Database } from 'better-sqlite3';
import type { Address } from '../../core/address.ts';
import type { Event, EventData, EventType } from '../../core/event.ts';
import type { AccountId } from '../../core/message.ts';
import type { AttemptRecord, MessageView, RecipientView } from '../../core/message-view.ts';
import type { Phase, RecipientState } from '../../core/outcome.ts';
import { NO_LANE } from '../store.ts';
import { BOUND, fromJson, idOf, optional, priorityOf, replyOf } from './row-values.ts';

/** Reads of single messages and of the event log. */
export interface Views {
  message(id: bigint): MessageView | undefined;
  attempts(id: bigint): readonly AttemptRecord[];
  body(id: bigint): Buffer | undefined;
  events(after: bigint, limit: number, only: EventFilter): readonly Event[];
  eventsOf(id: bigint, after: bigint, limit: number, only: EventFilter): readonly Event[];
}

/** What is given is the only account whose events are shown, and the only types. */
interface EventFilter {
  readonly account?: AccountId;
  readonly types?: readonly EventType[];
}

interface MessageRow {
  id: bigint;
  account: bigint;
  dialect: string;
  sender: Address | '';
  header_from: Address | '';
  subject: string;
  message_id_header: string;
  tags: string;
  metadata: string;
  priority: bigint;
  size: bigint;
  created_at: bigint;
  expires_at: bigint;
  lane: bigint | null;
  lease: bigint | null;
}

interface RecipientRow {
  n: bigint;
  address: Address;
  state: RecipientState;
  attempts: bigint;
  due_at: bigint | null;
  code: bigint | null;
  enhanced: string | null;
  reason: string | null;
}

interface AttemptRow {
  number: bigint;
  provider: bigint;
  started_at: bigint;
  duration_ms: bigint;
  phase: Phase;
  code: bigint | null;
  enhanced: string | null;
  reply: string | null;
  error: string | null;
  remote: string | null;
  converted: bigint;
  repeated: bigint;
}

interface EventRow {
  seq: bigint;
  at: bigint;
  type: EventType;
  account: bigint | null;
  message_id: bigint | null;
  address: Address | null;
  provider: bigint | null;
  data: string;
}

const SELECT_EVENTS = `select e.seq, e.at, e.type, e.account, e.message_id, r.address, e.provider, e.data from events e
  left join recipients r on r.message_id = e.message_id and r.n = e.n`;
/** The JSON of a list, or null for all; SQLite asks for it once. */
const OF_TYPES = '(? is null or e.type in (select value from json_each(?)))';

export function prepareViews(db: Database): Views {
  const message = db
    .prepare(
      `select m.*, q.lane, q.lease from messages m left join queue q on q.message_id = m.id where m.id = ${BOUND}`,
    )
    .safeIntegers();
  const recipients = db
    .prepare(`select * from recipients where message_id = ${BOUND} order by n`)
    .safeIntegers();
  const attempts = db
    .prepare(`select * from attempts where message_id = ${BOUND} order by number`)
    .safeIntegers();
  const body = db.prepare('select mime from bodies where message_id = ?').pluck();
  const eventsOfAll = db
    .prepare(`${SELECT_EVENTS} where e.seq > ? and ${OF_TYPES} order by e.seq limit ?`)
    .safeIntegers();
  const eventsOfAccount = db
    .prepare(
      `${SELECT_EVENTS} where e.account = ${BOUND} and e.seq > ? and ${OF_TYPES} order by e.seq limit ?`,
    )
    .safeIntegers();
  const eventsOfMessage = db
    .prepare(`${SELECT_EVENTS} where e.message_id = ${BOUND} and e.seq > ? and e.account = coalesce(?, e.account)
      and ${OF_TYPES} order by e.seq limit ?`)
    .safeIntegers();

  return {
    message(id) {
      const row = message.get(id) as MessageRow | undefined;
      return row && messageView(row, recipients.all(id) as RecipientRow[]);
    },
    attempts: id => (attempts.all(id) as AttemptRow[]).map(attemptRecord),
    body: id => body.get(id) as Buffer | undefined,
    events(after, limit, { account, types }) {
      const given = listed(types);
      const rows =
        account === undefined
          ? eventsOfAll.all(after, given, given, limit)
          : eventsOfAccount.all(account, after, given, given, limit);
      return (rows as EventRow[]).map(eventOf);
    },
    eventsOf(id, after, limit, { account, types }) {
      const given = listed(types);
      const rows = eventsOfMessage.all(id, after, account ?? null, given, given, limit) as EventRow[];
      return rows.map(eventOf);
    },
  };
}

function listed(types: readonly EventType[] | undefined): string | null {
  return types === undefined ? null : JSON.stringify(types);
}

function messageView(row: MessageRow, recipients: readonly RecipientRow[]): MessageView {
  return {
    id: idOf(row.id),
    account: Number(row.account),
    dialect: row.dialect,
    sender: row.sender,
    from: row.header_from,
    subject: row.subject,
    messageIdHeader: row.message_id_header,
    tags: fromJson<string[]>(row.tags),
    metadata: fromJson<Record<string, string>>(row.metadata),
    priority: priorityOf(row.priority),
    lane: Number(row.lane ?? NO_LANE),
    size: Number(row.size),
    createdAt: Number(row.created_at),
    expiresAt: Number(row.expires_at),
    isLeased: row.lease !== null,
    recipients: recipients.map(recipientView),
  };
}

function recipientView(row: RecipientRow): RecipientView {
  const dueAt = optional(row.due_at);
  const lastReply = replyOf(row.code, row.enhanced, row.reason);
  return {
    index: Number(row.n),
    address: row.address,
    state: row.state,
    attempts: Number(row.attempts),
    ...(dueAt && { dueAt: dueAt.value }),
    ...(lastReply && { lastReply }),
    ...(!lastReply && row.reason !== null && { lastError: row.reason }),
  };
}

function attemptRecord(row: AttemptRow): AttemptRecord {
  const reply = replyOf(row.code, row.enhanced, row.reply);
  return {
    number: Number(row.number),
    provider: Number(row.provider),
    startedAt: Number(row.started_at),
    durationMs: Number(row.duration_ms),
    phase: row.phase,
    ...(reply && { reply }),
    ...(row.error !== null && { error: row.error }),
    ...(row.remote !== null && { remote: row.remote }),
    ...(row.converted === 1n && { converted: true }),
    ...(row.repeated === 1n && { repeated: true }),
  };
}

function eventOf(row: EventRow): Event {
  const account = optional(row.account);
  const provider = optional(row.provider);
  return {
    seq: String(row.seq),
    at: Number(row.at),
    type: row.type,
    ...(account && { account: account.value }),
    ...(row.message_id !== null && { messageId: idOf(row.message_id) }),
    ...(row.address !== null && { recipient: row.address }),
    ...(provider && { provider: provider.value }),
    data: fromJson(row.data) as EventData,
  };
}
