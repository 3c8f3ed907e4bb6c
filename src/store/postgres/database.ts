import pg from 'pg';
import { AppError } from '../../core/errors.ts';
import { storeIsClosed, unavailable } from '../unavailable.ts';
import { explainConnection } from './connection-error.ts';
import { createConnectionSlots } from './connection-slots.ts';
import { createStatementNames, type StatementNames } from './statement-names.ts';

/** What can be asked of the server; rows have BigInt where a column is bigint. */
export interface Sql {
  rows<Row extends object>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /**
   * The same for what goes with every batch: planned once for each connection, unless a pooler stands between. Not for what
   * is best done in another way with other values.
   */
  often<Row extends object>(text: string, values: readonly unknown[]): Promise<readonly Row[]>;
  /** How many rows were changed. */
  change(text: string, values?: readonly unknown[]): Promise<number>;
}

/** A pool of connections to one database. */
export interface Database extends Sql {
  /** One transaction on one connection; again from the start when it lost against another. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  /** Waits for what is under way; whatever comes later is rejected. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** `postgres://user:password@host:port/database?sslmode=…` */
  readonly url: string;
  readonly maxConnections: number;
}

/**
 * A column that makes the transaction of a single statement durable, whatever the role's default is. It must be selected
 * by the statement's outermost part, or it is not run.
 */
export const DURABLE = `set_config('synchronous_commit', 'on', true)`;
/** The same, but what the statement writes may be lost when the server goes down with the machine. */
export const RELAXED = `set_config('synchronous_commit', 'off', true)`;

/** What is busy is in memory: without this the server reads the whole queue while it is small, for each batch. */
const IN_MEMORY = 'set random_page_cost = 1.1';
const INT8 = 20;
const ATTEMPTS = 5;
const CONNECT_MS = 5_000;
const TURN_MS = 15_000;
const STATEMENT_MS = 30_000;
/** After so long in silence a connection is tried, so that what stands between does not forget it. */
const IDLE_MS = 10_000;
/**
 * Serialization failure, deadlock, or a partition made under a row's feet, which is all that our tables check: nothing
 * happened, and it may well go better now.
 */
const LOST = new Set(['40001', '40P01', '23514']);
/** A migration changed what a prepared statement returns: nothing happened, and it is to be prepared anew. */
const OUTDATED = '0A000';
/** The server or the way to it, not the statement: connection, resources, operator, system, internal. */
const OF_SERVER = /^(08|53|57|58|XX|25006)/;

/** Opens a pool. Transactions are short, so that a pooler in transaction mode may stand between. */
export function openDatabase({ url, maxConnections }: DatabaseOptions): Database {
  const direct = new WeakSet<pg.ClientBase>();
  const pool = new pg.Pool({
    ...connectionTo(url),
    max: maxConnections,
    types: { getTypeParser },
    onConnect: async client => {
      if (!(await isDirect(client))) return;
      await client.query(IN_MEMORY);
      direct.add(client);
    },
  });
  // Who waits for others is more patient than who waits for the server.
  const slots = createConnectionSlots(maxConnections, TURN_MS);
  const names = createStatementNames();
  // A connection that breaks while it is idle is replaced when it is needed.
  pool.on('error', () => {});
  const underWay = new Set<Promise<unknown>>();
  let closed: Promise<void> | undefined;

  function use<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    if (closed !== undefined) return Promise.reject(storeIsClosed());
    const promise = insist(names, () =>
      slots.use(() =>
        withConnection(pool, client => work(sqlOf(client, direct.has(client) ? names : undefined))),
      ),
    );
    underWay.add(promise);
    const end = () => underWay.delete(promise);
    promise.then(end, end);
    return promise;
  }

  return {
    rows: (text, values) => use(sql => sql.rows(text, values)),
    often: (text, values) => use(sql => sql.often(text, values)),
    change: (text, values) => use(sql => sql.change(text, values)),
    transaction: work => use(sql => inTransaction(sql, work)),
    close() {
      closed ??= Promise.allSettled(underWay).then(() => pool.end());
      return closed;
    },
  };
}

/** How to reach the server, for whoever opens a connection. */
export function connectionTo(url: string): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: 'postern',
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: STATEMENT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: IDLE_MS,
  };
}

function getTypeParser(oid: number, format?: 'text' | 'binary') {
  if (oid === INT8 && format !== 'binary') return (text: string) => BigInt(text);
  return pg.types.getTypeParser(oid, format);
}

async function withConnection<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch(error => {
    throw unavailable('The database cannot be reached.', explainConnection(error));
  });
  // The error of a connection that breaks under a statement reaches us through the statement.
  const ignore = () => {};
  client.on('error', ignore);
  try {
    const result = await work(client);
    client.release();
    return result;
  } catch (error) {
    client.release(isOfServer(error));
    throw isOfServer(error) ? unavailable('The database cannot be used now.', error) : error;
  } finally {
    client.off('error', ignore);
  }
}

/**
 * Whether the server itself is at the other end, and not a pooler, behind which the next statement may meet another
 * connection: a pooler greets with a process number of its own.
 */
async function isDirect(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return 'processID' in client && rows[0]?.pid === client.processID;
}

function sqlOf(client: pg.PoolClient, names: StatementNames | undefined): Sql {
  const query = (text: string, values: readonly unknown[] = [], name?: string) =>
    client.query({ ...(name !== undefined && { name }), text, values: [...values] });
  return {
    rows: async <Row extends object>(text: string, values?: readonly unknown[]) =>
      (await query(text, values)).rows as Row[],
    often: async <Row extends object>(text: string, values: readonly unknown[]) =>
      (await query(text, values, names?.of(text))).rows as Row[],
    change: async (text, values) => (await query(text, values)).rowCount ?? 0,
  };
}

/** Again, when nothing happened and the next attempt may well go better. */
async function insist<T>(names: StatementNames, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const state = stateOf(error) ?? '';
      if (state === OUTDATED) names.forget();
      else if (!LOST.has(state)) throw error;
      if (attempt === ATTEMPTS) throw unavailable('The database is too busy.', error);
    }
  }
}

/** Whatever the role's default is, what is told to a caller is on disk. */
async function inTransaction<T>(sql: Sql, work: (sql: Sql) => Promise<T>): Promise<T> {
  await sql.change('begin; set local synchronous_commit = on');
  try {
    const result = await work(sql);
    await sql.change('commit');
    return result;
  } catch (error) {
    if (!isOfServer(error)) await sql.change('rollback');
    throw error;
  }
}

function stateOf(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

/** Whether an error says that the connection is of no use any more; what the server says of a statement does not. */
function isOfServer(error: unknown): boolean {
  if (error instanceof AppError || !(error instanceof Error)) return false;
  const state = stateOf(error);
  if (state !== undefined) return OF_SERVER.test(state);
  const isOfSocket = 'code' in error && /^E[A-Z]+$/.test(String(error.code));
  return isOfSocket || /^(Connection|Client) |[Tt]imeout/.test(error.message);
}
