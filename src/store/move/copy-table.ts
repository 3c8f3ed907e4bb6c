import type { Sql } from '../postgres/database.ts';
import { type Column, columnsOf, insertRows } from './postgres-target.ts';
import type { Source } from './sqlite-source.ts';
import type { MovedTable } from './tables.ts';

/** Told how far the move of one table has come. */
export type OnProgress = (progress: {
  readonly table: string;
  readonly rows: number;
  readonly of: number;
}) => void;

/** So much goes in one insert: PostgreSQL takes 65,535 parameters. */
const INSERT_ROWS = 500;
const INSERT_BYTES = 4 * 1024 * 1024;

/** Copies all rows of a table. */
export async function copyTable(
  source: Source,
  sql: Sql,
  table: MovedTable,
  onProgress: OnProgress,
): Promise<void> {
  const of = source.count(table.name);
  const columns = await columnsOf(sql, table.name);
  const names = columns.map(({ name }) => name);
  const batch = createBatch(sql, table.name, columns);
  let rows = 0;
  for (const row of source.rows(table, names)) {
    await batch.add(convertRow(table, names, row));
    rows += 1;
    if (batch.isEmpty()) onProgress({ table: table.name, rows, of });
  }
  await batch.flush();
  if (of > 0) onProgress({ table: table.name, rows, of });
}

/** Collects rows until one insert is full, by their number or by their bytes. */
function createBatch(sql: Sql, table: string, columns: readonly Column[]) {
  let rows: (readonly unknown[])[] = [];
  let bytes = 0;
  const batch = {
    isEmpty: () => rows.length === 0,
    async flush() {
      if (rows.length > 0) await insertRows(sql, table, columns, rows);
      rows = [];
      bytes = 0;
    },
    async add(row: readonly unknown[]) {
      rows.push(row);
      for (const value of row) if (typeof value === 'string' || Buffer.isBuffer(value)) bytes += value.length;
      if (rows.length >= INSERT_ROWS || bytes >= INSERT_BYTES) await batch.flush();
    },
  };
  return batch;
}

function convertRow({ convert = {} }: MovedTable, names: readonly string[], row: readonly unknown[]) {
  return row.map((value, i) => {
    const change = convert[names[i] ?? ''];
    return change === undefined ? storable(value) : change(storable(value));
  });
}

/** PostgreSQL keeps no NUL in text; only what a far end said can have one. */
function storable(value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll('\0', '\uFFFD') : value;
}
