import { AppError } from '../../core/errors.ts';
import { type Applied, type Migration, missingMigrations, newestOf, readMigrations } from '../migrations.ts';
import type { Database, Sql } from './database.ts';

const FOLDER = new URL('../postgres-migrations/', import.meta.url);
/** Of the advisory lock under which one node at a time migrates. */
const LOCK = 0x706f_7374;

/** The number of the newest migration that this program knows. */
export const KNOWN = newestOf(readMigrations(FOLDER));

/**
 * Brings the database to this program's version, all steps in one transaction, and returns the names of those applied.
 * Nodes that start together wait for the first. Nodes of an older version go on, if the steps say that they can; if not,
 * and one runs, this throws.
 */
export function migrate(db: Database, now: number, folder: URL = FOLDER): Promise<readonly string[]> {
  return db.transaction(async sql => {
    await sql.rows('select pg_advisory_xact_lock($1)', [LOCK]);
    await sql.change(`create table if not exists migrations (number integer primary key, name text not null,
      checksum text not null, works_with integer not null, applied_at bigint not null)`);
    const applied = await sql.rows<Applied>(
      'select number, name, checksum, works_with as "worksWith" from migrations order by number',
    );
    const missing = missingMigrations(applied, readMigrations(folder));
    if (applied.length > 0) await assertNobodyStranded(sql, missing);
    for (const migration of missing) await apply(sql, migration, now);
    return missing.map(({ name }) => name);
  });
}

/** Throws when a node that runs could not work with the database after the steps. */
async function assertNobodyStranded(sql: Sql, missing: readonly Migration[]): Promise<void> {
  const needed = Math.max(0, ...missing.map(({ worksWith }) => worksWith));
  if (needed === 0) return;
  // Whoever is just joining is seen here, or sees there what this transaction has done.
  await sql.change('lock table nodes in share row exclusive mode');
  const [old] = await sql.rows<{ host: string; pid: number }>(
    'select host, pid from nodes where knows < $1 and not has_left and valid_until > clock_timestamp() limit 1',
    [needed],
  );
  if (old === undefined) return;
  const name = missing.find(({ worksWith }) => worksWith === needed)?.name;
  throw new AppError(
    'conflict',
    `Migration ${name} does not work with older gates, and one is running (process ${old.pid} on ${old.host}). Stop all of them first; one that was killed counts for 15 seconds.`,
  );
}

/** Throws when another node has migrated the database meanwhile to where this program cannot work with it. */
export async function assertKnown(sql: Sql): Promise<void> {
  const [row] = await sql.rows<{ name: string }>('select name from migrations where works_with > $1', [
    KNOWN,
  ]);
  if (row !== undefined)
    throw new Error(`The database is newer than this program: it has migration ${row.name}.`);
}

async function apply(sql: Sql, migration: Migration, now: number): Promise<void> {
  await sql.change(migration.sql);
  const { number, name, checksum, worksWith } = migration;
  await sql.change(
    'insert into migrations (number, name, checksum, works_with, applied_at) values ($1, $2, $3, $4, $5)',
    [number, name, checksum, worksWith, now],
  );
}
