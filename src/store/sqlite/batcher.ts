import type { Database } from 'better-sqlite3';
import { storeIsClosed, unavailable } from '../unavailable.ts';

/** One change of the database: runs inside a transaction, may be run again, touches nothing but the database. */
type Change<Engine, T> = (engine: Engine) => T;

interface Waiting<Engine> {
  readonly change: Change<Engine, unknown>;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

type Result = { readonly value: unknown } | { readonly error: unknown };

/** Puts all changes of one turn of the event loop into one transaction and one fdatasync. */
export interface GroupCommit<Engine> {
  /** Resolves with the change's value once it is durable; rejects with what it threw, or `unavailable`. */
  run<T>(change: Change<Engine, T>): Promise<T>;
  /** The same, but content to ride on the next commit for up to 25 ms. */
  soon<T>(change: Change<Engine, T>): Promise<T>;
  /** Commits what waits, then closes the database; whatever comes later is rejected. */
  close(): void;
}

export interface GroupCommitOptions<Engine> {
  readonly open: () => Database;
  /** Prepares the statements that the changes use; called again after the database had to be reopened. */
  readonly prepare: (db: Database) => Engine;
  /** Called after each commit, before the callers go on. */
  readonly onCommit: (engine: Engine) => void;
}

const RIDE_MS = 25;

/** The database could not be written: the whole transaction is void, not one row of it. */
const FATAL = /^SQLITE_(FULL|IOERR|CORRUPT|NOTADB|READONLY|CANTOPEN|NOMEM|BUSY|LOCKED|PROTOCOL)/;

export function createGroupCommit<Engine>(options: GroupCommitOptions<Engine>): GroupCommit<Engine> {
  let connection: { db: Database; engine: Engine } | undefined = connect();
  let waiting: Waiting<Engine>[] = [];
  let immediate: NodeJS.Immediate | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  function connect(): { db: Database; engine: Engine } {
    const db = options.open();
    return { db, engine: options.prepare(db) };
  }

  function add<T>(change: Change<Engine, T>): Promise<T> {
    if (isClosed) return Promise.reject(storeIsClosed());
    return new Promise<T>((resolve, reject) => waiting.push({ change, resolve, reject }));
  }

  function flush(): void {
    clearImmediate(immediate);
    clearTimeout(timer);
    immediate = timer = undefined;
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    try {
      connection ??= connect();
      settle(batch, commit(connection.db, connection.engine, batch));
    } catch (error) {
      reopen();
      for (const one of batch) one.reject(unavailable('The database cannot be written.', error));
      return;
    }
    options.onCommit(connection.engine);
  }

  function reopen(): void {
    const broken = connection;
    connection = undefined;
    try {
      broken?.db.close();
      connection = connect();
    } catch {
      // The next flush tries again; until then every caller is told `unavailable`.
    }
  }

  return {
    run(change) {
      const promise = add(change);
      immediate ??= setImmediate(flush);
      return promise;
    },
    soon(change) {
      const promise = add(change);
      timer ??= setTimeout(flush, RIDE_MS);
      return promise;
    },
    close() {
      isClosed = true;
      flush();
      connection?.db.close();
    },
  };
}

/** Runs the whole batch in one transaction; when one change fails, again with a savepoint each, so that only it fails. */
function commit<Engine>(db: Database, engine: Engine, batch: readonly Waiting<Engine>[]): readonly Result[] {
  try {
    return inTransaction(db, () => batch.map(one => ({ value: one.change(engine) })));
  } catch (error) {
    if (isFatal(error)) throw error;
    return inTransaction(db, () => batch.map(one => inSavepoint(db, () => one.change(engine))));
  }
}

function inTransaction<T>(db: Database, work: () => T): T {
  db.exec('begin immediate');
  try {
    const value = work();
    db.exec('commit');
    return value;
  } catch (error) {
    if (db.inTransaction) db.exec('rollback');
    throw error;
  }
}

function inSavepoint(db: Database, work: () => unknown): Result {
  db.exec('savepoint one');
  try {
    const value = work();
    db.exec('release one');
    return { value };
  } catch (error) {
    if (isFatal(error)) throw error;
    db.exec('rollback to one');
    db.exec('release one');
    return { error };
  }
}

function settle<Engine>(batch: readonly Waiting<Engine>[], results: readonly Result[]): void {
  for (const [i, one] of batch.entries()) {
    const result = results[i];
    if (result === undefined) continue;
    if ('error' in result) one.reject(result.error);
    else one.resolve(result.value as never);
  }
}

function isFatal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && FATAL.test(String(error.code));
}
