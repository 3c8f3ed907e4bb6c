import { idToBigInt } from '../../core/id.ts';
import type { NewEvent } from '../new-event.ts';
import { wordsOf } from '../search-terms.ts';
import type { NewMessage } from '../store.ts';
import { DURABLE, type Sql } from './database.ts';
import { insertEvents } from './event-log.ts';
import { levelOf } from './row-values.ts';
import { valuesList } from './sql-values.ts';

const MESSAGE_TYPES = [
  ...['bigint', 'integer', 'text', 'text', 'text', 'text', 'text[]', 'text', 'text[]', 'json', 'smallint'],
  ...['boolean', 'boolean', 'integer', 'bigint', 'bigint', 'bytea', 'integer', 'bigint', 'integer', 'bigint'],
];
const COLUMNS = `id, account, dialect, sender, header_from, subject, words, message_id_header, tags, metadata, priority,
  eight_bit, smtputf8, size, created_at, expires_at`;

/** Writes accepted messages, each with all that belongs to it, in one statement; resolves with the newest event's seq. */
export async function insertMessages(sql: Sql, messages: readonly NewMessage[]): Promise<bigint> {
  const given = valuesList(MESSAGE_TYPES, messages.map(messageRow));
  const recipients = valuesList(
    ['bigint', 'integer', 'text', 'bigint'],
    messages.flatMap(({ id, envelope, dueAt }) =>
      envelope.recipients.map((address, n) => [idToBigInt(id), n, address, dueAt]),
    ),
    given.values.length,
  );
  const before = [...given.values, ...recipients.values];
  const events = insertEvents(messages.map(acceptedEvent), before.length);
  const [row] = await sql.often<{ newest: bigint }>(
    `with given (${COLUMNS}, mime, lane, due_at, attempts, lease) as (${given.text}),
      m as (insert into messages (${COLUMNS}) select ${COLUMNS} from given),
      b as (insert into bodies (message_id, mime) select id, mime from given),
      q as (insert into queue (message_id, lane, priority, due_at, attempts, lease, size)
        select id, lane, priority, due_at, attempts, lease, size from given),
      r as (insert into recipients (message_id, n, address, state, attempts, due_at)
        select id, n, address, 'queued', 0, due_at from (${recipients.text}) as r (id, n, address, due_at)),
      e as (${events.text})
      select max(seq) as newest, ${DURABLE} from e`,
    [...before, ...events.values],
  );
  return row?.newest ?? 0n;
}

function messageRow(message: NewMessage): unknown[] {
  const { envelope, lease } = message;
  return [
    idToBigInt(message.id),
    message.account,
    message.dialect,
    envelope.sender,
    message.from,
    message.subject,
    wordsOf(message.subject),
    message.messageIdHeader,
    message.tags,
    JSON.stringify(message.metadata),
    levelOf(message.priority),
    message.eightBit,
    message.smtputf8,
    message.mime.length,
    message.createdAt,
    message.expiresAt,
    message.mime,
    message.lane,
    message.dueAt,
    lease === undefined ? 0 : 1,
    lease ?? null,
  ];
}

function acceptedEvent(message: NewMessage): NewEvent {
  return {
    at: message.createdAt,
    type: 'accepted',
    account: message.account,
    messageId: idToBigInt(message.id),
    data: {
      dialect: message.dialect,
      recipients: message.envelope.recipients.length,
      size: message.mime.length,
      ...(message.dueAt > message.createdAt && { nextAttemptAt: message.dueAt }),
      ...message.notes,
    },
  };
}
