import { AppError } from '../../core/errors.ts';
import { idToBigInt } from '../../core/id.ts';
import type { Sql } from '../postgres/database.ts';
import { writeTerms } from '../postgres/indexing.ts';
import { messageViews } from '../postgres/message-views.ts';
import { valuesList } from '../postgres/sql-values.ts';
import type { DeadHolder } from './sqlite-source.ts';
import { MOVED_TABLES } from './tables.ts';

/** A column of the new database, and the type that its values are given as. */
export interface Column {
  readonly name: string;
  readonly type: string;
}

const SEARCH_SLICE = 500;
/** The bits of an event's number below the server's transaction. */
const PLACE_BITS = 20n;

/** Lets nobody join or write while a move is under way, and throws when somebody has been here before. */
export async function claimEmpty(sql: Sql): Promise<void> {
  await sql.change('lock table nodes, records in exclusive mode');
  for (const name of [...MOVED_TABLES.map(table => table.name), 'nodes']) {
    const rows = await sql.rows(`select 1 from ${name} limit 1`);
    if (rows.length > 0)
      throw new AppError(
        'conflict',
        `The PostgreSQL database is not empty (table ${name}): a store is moved into a new one, in which no gate was started yet.`,
        { field: 'to' },
      );
  }
}

export async function columnsOf(sql: Sql, table: string): Promise<readonly Column[]> {
  return sql.rows<Column>(
    `select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
      where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum`,
    [table],
  );
}

export async function insertRows(
  sql: Sql,
  table: string,
  columns: readonly Column[],
  rows: readonly (readonly unknown[])[],
): Promise<void> {
  const list = valuesList(
    columns.map(({ type }) => type),
    rows,
  );
  const names = columns.map(({ name }) => name).join(', ');
  await sql.change(`insert into ${table} (${names}) overriding system value ${list.text}`, list.values);
}

/** The next number that is given in a table comes after those that were. */
export async function goOnAfter(sql: Sql, table: string, column: string, last: bigint): Promise<void> {
  if (last === 0n) return;
  await sql.rows('select setval(pg_get_serial_sequence($1, $2), $3)', [table, column, last]);
}

/** New events come after those that were moved, whatever number the server gives to its next transaction. */
export async function goOnAfterEvents(sql: Sql): Promise<void> {
  await sql.change(
    `update marks set value = greatest(0, (select coalesce(max(seq), 0) >> ${PLACE_BITS} from events) + 1
      - pg_current_xact_id()::text::bigint) where name = 'xid offset'`,
  );
}

export async function setMark(sql: Sql, name: string, value: bigint | number): Promise<void> {
  await sql.change(
    'insert into marks (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value',
    [name, value],
  );
}

export async function hasMark(sql: Sql, name: string): Promise<boolean> {
  return (await sql.rows('select 1 from marks where name = $1', [name])).length > 0;
}

/** Makes dead incarnations be found by the first gate that starts here, which settles what they held as always. */
export async function addDeadHolders(sql: Sql, holders: readonly DeadHolder[]): Promise<void> {
  for (const { lease, held } of holders) {
    await sql.change(
      `insert into nodes (lease, node, host, pid, knows, joined_at, valid_until, has_left) overriding system value
        values ($1, 0, '', 0, 0, clock_timestamp(), clock_timestamp(), true)`,
      [lease],
    );
    await sql.change(
      'insert into wire_journals (lease, server_start) values ($1, pg_postmaster_start_time())',
      [lease],
    );
    for (const { message, facts } of held)
      for (const { attempt, provider, indexes, refused, reply } of facts)
        await sql.change(
          'insert into wire (lease, message_id, attempt, provider, indexes, refused, reply) values ($1, $2, $3, $4, $5, $6, $7)',
          [
            ...[lease, idToBigInt(message.id), attempt, provider, indexes],
            ...[
              JSON.stringify(Array.from(refused, one => one ?? null)),
              reply ? JSON.stringify(reply) : null,
            ],
          ],
        );
  }
}

/** Makes messages findable; what the other database's index had not read yet is read again here. */
export async function indexMessages(sql: Sql, onDone: (messages: number) => void): Promise<void> {
  for (let after = -1n; ; ) {
    const rows = await sql.rows<{ id: bigint }>(
      `select id from messages where id > $1 order by id limit ${SEARCH_SLICE}`,
      [after],
    );
    const last = rows.at(-1);
    if (last === undefined) return;
    await writeTerms(
      sql,
      await messageViews(
        sql,
        rows.map(({ id }) => id),
      ),
    );
    onDone(rows.length);
    after = last.id;
  }
}

export async function countRows(sql: Sql, table: string): Promise<number> {
  const [row] = await sql.rows<{ count: bigint }>(`select count(*) from ${table}`);
  return Number(row?.count ?? 0);
}
