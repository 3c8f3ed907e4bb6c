import pg from 'pg';
import { AppError } from '../../core/errors.ts';
import { unavailable } from './unavailable.ts';

/** What can be asked of the server; rows have BigInt where a column is bigint. */
export interface Sql {
  rows<Row extends object>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** How many rows were changed. */
  change(text: string, values?: readonly unknown[]): Promise<number>;
}

/** A pool of connections to one database. */
export interface Database extends Sql {
  /** One transaction on one connection; again from the start when it lost against another. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  /** The same, but what it wrote may be lost when the server goes down with the machine. */
  relaxed<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** `postgres://user:password@host:port/database?sslmode=…` */
  readonly url: string;
  readonly maxConnections: number;
}

const INT8 = 20;
const ATTEMPTS = 5;
const STATEMENT_MS = 30_000;
/** Serialization failure, deadlock: nothing happened, and it may well go better now. */
const LOST = new Set(['40001', '40P01']);

/** Opens a pool. Statements are unnamed and transactions short, so that a pooler in transaction mode may stand between. */
export function openDatabase({ url, maxConnections }: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: maxConnections,
    application_name: 'postern',
    connectionTimeoutMillis: 5_000,
    query_timeout: STATEMENT_MS,
    keepAlive: true,
    types: { getTypeParser },
  });
  // A connection that breaks while it is idle is replaced when it is needed.
  pool.on('error', () => {});
  let isClosed = false;

  async function withConnection<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    if (isClosed) throw unavailable('The store is closed.');
    const client = await pool.connect().catch(error => {
      throw unavailable('The database cannot be reached.', error);
    });
    try {
      const result = await work(sqlOf(client));
      client.release();
      return result;
    } catch (error) {
      client.release(isOfStatement(error) ? undefined : true);
      throw sayError(error);
    }
  }

  return {
    rows: (text, values) => withConnection(sql => sql.rows(text, values)),
    change: (text, values) => withConnection(sql => sql.change(text, values)),
    transaction: work => insist(() => withConnection(sql => inTransaction(sql, 'on', work))),
    relaxed: work => insist(() => withConnection(sql => inTransaction(sql, 'off', work))),
    async close() {
      isClosed = true;
      await pool.end();
    },
  };
}

function getTypeParser(oid: number, format?: 'text' | 'binary') {
  if (oid === INT8 && format !== 'binary') return (text: string) => BigInt(text);
  return pg.types.getTypeParser(oid, format);
}

function sqlOf(client: pg.PoolClient): Sql {
  const query = (text: string, values: readonly unknown[] = []) => client.query(text, [...values]);
  return {
    rows: async <Row extends object>(text: string, values?: readonly unknown[]) =>
      (await query(text, values)).rows as Row[],
    change: async (text, values) => (await query(text, values)).rowCount ?? 0,
  };
}

/** Again, when it lost against another transaction and nothing happened. */
async function insist<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS || !hasLost(error)) throw error;
    }
  }
}

/** Whatever the role's default is, `on` means that what is told to a caller is on disk. */
async function inTransaction<T>(
  sql: Sql,
  synchronousCommit: 'on' | 'off',
  work: (sql: Sql) => Promise<T>,
): Promise<T> {
  await sql.change(`begin; set local synchronous_commit = ${synchronousCommit}`);
  try {
    const result = await work(sql);
    await sql.change('commit');
    return result;
  } catch (error) {
    if (isOfStatement(error) || error instanceof AppError) await sql.change('rollback');
    throw error;
  }
}

/** The connection is as good as before: the server refused the statement, or our own code threw. */
function isOfStatement(error: unknown): boolean {
  if (error instanceof AppError) return true;
  const state = stateOf(error);
  return state !== undefined && !/^(08|57P|53|58|XX)/.test(state);
}

function stateOf(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

function hasLost(error: unknown): boolean {
  const state = stateOf(error);
  return state !== undefined && LOST.has(state);
}

/** Trouble with the server or the way to it is `unavailable`; a refused statement is a bug and stays what it is. */
function sayError(error: unknown): unknown {
  if (isOfStatement(error)) return error;
  const isOurs = error instanceof Error && stateOf(error) === undefined && !('code' in error);
  return isOurs && !/connection|timeout|terminat/i.test(error.message)
    ? error
    : unavailable('The database cannot be used now.', error);
}
