import type { Database } from 'better-sqlite3';
import { storeIsClosed } from '../unavailable.ts';

/** The connection for reads, which never waits for the writer. */
export interface Reader {
  readonly db: Database;
  /** Rejects with what the work throws, and once the connection is closed. */
  read<T>(work: () => T): Promise<T>;
}

export function createReader(db: Database): Reader {
  return {
    db,
    async read(work) {
      if (!db.open) throw storeIsClosed();
      return work();
    },
  };
}
