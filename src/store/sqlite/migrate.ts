import type { Database } from 'better-sqlite3';
import { type Applied, missingMigrations, readMigrations } from '../migrations.ts';
import { assertNotMoved } from './migration-mark.ts';

const FOLDER = new URL('../sqlite-migrations/', import.meta.url);

/**
 * Brings the database to this program's version, one transaction per migration, and returns the names of those
 * applied. Refuses a database that is newer than the program, or whose applied migrations have other checksums, and one
 * whose mail was moved elsewhere.
 * `folder` is another one only in tests.
 */
export function migrate(db: Database, now: number, folder: URL = FOLDER): string[] {
  db.exec(`create table if not exists migrations (
    number integer primary key, name text not null, checksum text not null, applied_at integer not null) strict`);
  assertNotMoved(db);
  const applied = db
    .prepare('select number, name, checksum from migrations order by number')
    .all() as Applied[];
  const insert = db.prepare(
    'insert into migrations (number, name, checksum, applied_at) values (?, ?, ?, ?)',
  );
  const missing = missingMigrations(applied, readMigrations(folder));
  for (const migration of missing) {
    db.transaction(() => {
      db.exec(migration.sql);
      insert.run(migration.number, migration.name, migration.checksum, now);
    }).immediate();
  }
  return missing.map(migration => migration.name);
}
