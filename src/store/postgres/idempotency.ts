import { idToBigInt } from '../../core/id.ts';
import type { EnqueueResult, NewMessage } from '../store.ts';
import type { Sql } from './database.ts';
import { idOf } from './row-values.ts';
import { valuesList } from './sql-values.ts';

/** An idempotency key is remembered for so long. */
export const IDEMPOTENCY_MS = 24 * 3_600_000;

interface KeyRow {
  readonly account: number;
  readonly key: string;
  readonly fingerprint: Buffer;
  readonly message_id: bigint;
}

/**
 * Takes the keys of the messages that have one; for each message undefined, or who has its key. Rows go in order of
 * their keys, so that two batches never wait for each other in a circle.
 */
export async function takeKeys(
  sql: Sql,
  messages: readonly NewMessage[],
): Promise<readonly (EnqueueResult | undefined)[]> {
  const rows = messages
    .flatMap(({ account, idempotency, id, createdAt }) =>
      idempotency === undefined
        ? []
        : [[account, idempotency.key, idempotency.fingerprint, idToBigInt(id), createdAt] as const],
    )
    .toSorted((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0));
  if (rows.length === 0) return messages.map(() => undefined);
  const winners = await take(sql, rows);
  return messages.map(({ account, idempotency, id }) => {
    const winner = idempotency && winners.get(nameOf(account, idempotency.key));
    if (winner === undefined || winner.message_id === idToBigInt(id)) return undefined;
    return winner.fingerprint.equals(idempotency?.fingerprint ?? Buffer.alloc(0))
      ? { kind: 'replayed', id: idOf(winner.message_id) }
      : { kind: 'key-taken' };
  });
}

/** Of two with one key in a batch the first wins. What is too old to be remembered is taken over. */
async function take(
  sql: Sql,
  rows: readonly (readonly [number, string, Buffer, bigint, number])[],
): Promise<ReadonlyMap<string, KeyRow>> {
  const first = [
    ...new Map(rows.toReversed().map(row => [nameOf(row[0], row[1]), row])).values(),
  ].toReversed();
  const list = valuesList(['integer', 'text', 'bytea', 'bigint', 'bigint'], first);
  const oldest = Math.min(...first.map(row => row[4])) - IDEMPOTENCY_MS;
  await sql.change(
    `insert into idempotency (account, key, fingerprint, message_id, created_at) ${list.text}
      on conflict (account, key) do update set fingerprint = excluded.fingerprint,
        message_id = excluded.message_id, created_at = excluded.created_at
      where idempotency.created_at < $${list.values.length + 1}`,
    [...list.values, oldest],
  );
  const found = await sql.rows<KeyRow>(
    `select account, key, fingerprint, message_id from idempotency
      where (account, key) in (select * from unnest($1::integer[], $2::text[]))`,
    [first.map(row => row[0]), first.map(row => row[1])],
  );
  return new Map(found.map(row => [nameOf(row.account, row.key), row]));
}

function nameOf(account: number, key: string): string {
  return `${account} ${key}`;
}

/** Gives the key of a message back that was not accepted after all. */
export async function freeKey(sql: Sql, { account, idempotency, id }: NewMessage): Promise<void> {
  if (idempotency === undefined) return;
  await sql.change('delete from idempotency where account = $1 and key = $2 and message_id = $3', [
    ...[account, idempotency.key, idToBigInt(id)],
  ]);
}
