import SqliteDatabase, { type Database } from 'better-sqlite3';

/**
 * How many pages the WAL may grow before a commit moves them into the database (16 KiB pages: 16 MiB). Four times as
 * many cost the same CPU, but made everybody wait 40 ms for that commit instead of 15.
 */
const CHECKPOINT_PAGES = 1_000;

/**
 * Opens the writing connection. WAL with `synchronous=FULL`: a commit returns only after fdatasync of the WAL, which
 * is what makes a 2xx true (docs/decisions/04-proving-durability.md; NORMAL would survive kill -9 but not the power).
 */
export function openWriter(path: string): Database {
  const db = new SqliteDatabase(path);
  db.pragma('page_size = 16384');
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  db.pragma('cache_size = -32768');
  db.pragma('temp_store = MEMORY');
  return db;
}

/** Opens a connection for lists and searches, so that they never wait for a commit, nor a commit for them. */
export function openReader(path: string): Database {
  const db = new SqliteDatabase(path, { readonly: true });
  db.pragma('cache_size = -16384');
  return db;
}
