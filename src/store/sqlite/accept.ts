import type { Database } from 'better-sqlite3';
import { idToBigInt } from '../../core/id.ts';
import type { EnqueueResult, NewMessage } from '../store.ts';
import type { AddressRows } from './address-rows.ts';
import type { TakeCharges } from './charges.ts';
import type { Append } from './event-log.ts';
import { idOf, levelOf } from './row-values.ts';

/** An idempotency key is remembered for so long. */
export const IDEMPOTENCY_MS = 24 * 3_600_000;

type Accept = (message: NewMessage) => EnqueueResult;

export interface AcceptContext {
  readonly append: Append;
  readonly takeCharges: TakeCharges;
  readonly addSentItem: AddressRows['addSentItem'];
}

/** Writes one accepted message with all that belongs to it, and takes what it costs; or neither. */
export function prepareAccept(db: Database, context: AcceptContext): Accept {
  const takeKey = prepareTakeKey(db);
  const write = prepareWrite(db, context);
  const orNothing = prepareOrNothing(db);

  function accept(message: NewMessage): EnqueueResult {
    const earlier = message.idempotency && takeKey(message, idToBigInt(message.id));
    if (earlier !== undefined) return earlier;
    const short = message.charges && context.takeCharges(message.charges, message.createdAt);
    if (short !== undefined) return short;
    write(message);
    return { kind: 'accepted' };
  }

  const acceptOrNothing = orNothing(accept);
  return message => (message.charges?.length ? acceptOrNothing(message) : accept(message));
}

/** Undoes what a message had done when there was not enough of something: others of its transaction go on. */
function prepareOrNothing(db: Database): (accept: Accept) => Accept {
  const begin = db.prepare('savepoint message');
  const rollBack = db.prepare('rollback to message');
  const end = db.prepare('release message');
  return accept => message => {
    begin.run();
    const result = accept(message);
    if (result.kind === 'short') rollBack.run();
    end.run();
    return result;
  };
}

function prepareWrite(db: Database, { append, addSentItem }: AcceptContext): (message: NewMessage) => void {
  const insertMessage = db.prepare(`insert into messages (id, account, dialect, sender, header_from, subject,
    message_id_header, tags, metadata, priority, eight_bit, smtputf8, size, created_at, expires_at)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const insertBody = db.prepare('insert into bodies (message_id, mime) values (?, ?)');
  const insertQueue = db.prepare(
    'insert into queue (message_id, lane, priority, due_at, attempts, lease) values (?, ?, ?, ?, ?, ?)',
  );
  const insertRecipient = db.prepare(
    `insert into recipients (message_id, n, address, state, attempts, due_at) values (?, ?, ?, 'queued', 0, ?)`,
  );

  return message => {
    const id = idToBigInt(message.id);
    const { envelope } = message;
    insertMessage.run(
      id,
      message.account,
      message.dialect,
      envelope.sender,
      message.from,
      message.subject,
      message.messageIdHeader,
      JSON.stringify(message.tags),
      JSON.stringify(message.metadata),
      levelOf(message.priority),
      Number(message.eightBit),
      Number(message.smtputf8),
      message.mime.length,
      message.createdAt,
      message.expiresAt,
    );
    insertBody.run(id, message.mime);
    const isLeased = message.lease !== undefined;
    insertQueue.run(
      id,
      message.lane,
      levelOf(message.priority),
      message.dueAt,
      isLeased ? 1 : 0,
      message.lease ?? null,
    );
    for (const [n, address] of envelope.recipients.entries())
      insertRecipient.run(id, n, address, message.dueAt);
    if (message.sentItem !== undefined) addSentItem(message.sentItem, message.createdAt);
    append({
      at: message.createdAt,
      type: 'accepted',
      account: message.account,
      messageId: id,
      data: {
        dialect: message.dialect,
        recipients: envelope.recipients.length,
        size: message.mime.length,
        ...(message.dueAt > message.createdAt && { nextAttemptAt: message.dueAt }),
        ...message.notes,
      },
    });
  };
}

/** Takes the idempotency key for this message, or says who has it. */
function prepareTakeKey(db: Database): (message: NewMessage, id: bigint) => EnqueueResult | undefined {
  const forget = db.prepare('delete from idempotency where account = ? and key = ? and created_at < ?');
  const take = db.prepare(`insert into idempotency (account, key, fingerprint, message_id, created_at)
    values (?, ?, ?, ?, ?) on conflict do nothing`);
  const read = db
    .prepare('select fingerprint, message_id from idempotency where account = ? and key = ?')
    .safeIntegers();

  return (message, id) => {
    if (message.idempotency === undefined) return undefined;
    const { key, fingerprint } = message.idempotency;
    forget.run(message.account, key, message.createdAt - IDEMPOTENCY_MS);
    if (take.run(message.account, key, fingerprint, id, message.createdAt).changes === 1) return undefined;
    const winner = read.get(message.account, key) as { fingerprint: Buffer; message_id: bigint };
    return winner.fingerprint.equals(fingerprint)
      ? { kind: 'replayed', id: idOf(winner.message_id) }
      : { kind: 'key-taken' };
  };
}
