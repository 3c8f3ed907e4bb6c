import { type Applied, missingMigrations, readMigrations } from '../migrations.ts';
import type { Database, Sql } from './database.ts';

const FOLDER = new URL('./migrations/', import.meta.url);
/** Of the advisory lock under which one node at a time migrates. */
const LOCK = 0x706f_7374;

/**
 * Brings the database to this program's version, all steps in one transaction, and returns the names of those applied.
 * Nodes that start together wait for the first.
 */
export function migrate(db: Database, now: number, folder: URL = FOLDER): Promise<readonly string[]> {
  return db.transaction(async sql => {
    await sql.rows('select pg_advisory_xact_lock($1)', [LOCK]);
    await sql.change(`create table if not exists migrations (
      number integer primary key, name text not null, checksum text not null, applied_at bigint not null)`);
    const applied = await sql.rows<Applied>('select number, name, checksum from migrations order by number');
    const missing = missingMigrations(applied, readMigrations(folder));
    for (const migration of missing) await apply(sql, migration, now);
    return missing.map(({ name }) => name);
  });
}

async function apply(sql: Sql, migration: Applied & { readonly sql: string }, now: number): Promise<void> {
  await sql.change(migration.sql);
  const { number, name, checksum } = migration;
  await sql.change('insert into migrations (number, name, checksum, applied_at) values ($1, $2, $3, $4)', [
    ...[number, name, checksum, now],
  ]);
}
