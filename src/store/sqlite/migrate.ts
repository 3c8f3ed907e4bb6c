import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { Database } from 'better-sqlite3';

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

const FOLDER = new URL('./migrations/', import.meta.url);

/**
 * Brings the database to this program's version, one transaction per migration, and returns the names of those
 * applied. Refuses a database that is newer than the program, or whose applied migrations have other checksums.
 * `folder` is another one only in tests.
 */
export function migrate(db: Database, now: number, folder: URL = FOLDER): string[] {
  db.exec(`create table if not exists migrations (
    number integer primary key, name text not null, checksum text not null, applied_at integer not null) strict`);
  const known = readMigrations(folder);
  const applied = db
    .prepare('select number, name, checksum from migrations order by number')
    .all() as Migration[];
  checkApplied(applied, known);
  const insert = db.prepare(
    'insert into migrations (number, name, checksum, applied_at) values (?, ?, ?, ?)',
  );
  const missing = known.slice(applied.length);
  for (const migration of missing) {
    db.transaction(() => {
      db.exec(migration.sql);
      insert.run(migration.number, migration.name, migration.checksum, now);
    }).immediate();
  }
  return missing.map(migration => migration.name);
}

function readMigrations(folder: URL): Migration[] {
  const files = readdirSync(folder).filter(file => file.endsWith('.sql'));
  return files.sort().map(file => {
    const sql = readFileSync(new URL(file, folder), 'utf8');
    const checksum = createHash('sha256').update(sql).digest('hex');
    return { number: Number.parseInt(file, 10), name: file.replace(/\.sql$/, ''), sql, checksum };
  });
}

function checkApplied(applied: readonly Migration[], known: readonly Migration[]): void {
  for (const [i, row] of applied.entries()) {
    const ours = known[i];
    if (ours === undefined) {
      throw new Error(
        `The database is newer than this program: it has migration ${row.name}, which is unknown here. Run a newer Postern.`,
      );
    }
    if (ours.number !== row.number || ours.checksum !== row.checksum) {
      throw new Error(
        `The database was made by another line of this program: migration ${row.name} differs from ours (${ours.name}). Nothing was changed.`,
      );
    }
  }
}
