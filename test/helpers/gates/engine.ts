import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { databasesAt, ensureDatabase, type PostgresDatabases } from '../stores/postgres-databases.ts';
import { reusingHarnesses } from '../stores/store-postgres.ts';
import type { StoreHarness } from '../stores/store-rig.ts';
import { createSqliteHarness } from '../stores/store-sqlite.ts';

/**
 * The environment variable with the PostgreSQL in which gates of the tests keep their mail, as
 * `postgres://user:password@host:port/PREFIX` with what the names of their databases begin with; absent: SQLite. The
 * project `e2e-postgres` sets it for each of its files.
 */
export const postgresVariable = 'TEST_POSTGRES';

/** Every gate has a pool of its own, and no test has much to do at once. */
const PARAMETERS = 'pool=6';

interface Engine {
  readonly databases: PostgresDatabases;
  /** What the names of its databases begin with. */
  readonly prefix: string;
  /** The name of a data folder's database. */
  nameFor(dataFolder: string): string;
}

/** Whether what this test starts keeps its mail in PostgreSQL. */
export function isOnPostgres(): boolean {
  return postgres() !== undefined;
}

/**
 * Where a gate with this data folder keeps its mail, as the setting `store` has it; undefined: where it does anyway. A
 * folder has a database of its own, which lives as long as the test file.
 */
export async function storeOf(dataFolder: string): Promise<string | undefined> {
  const engine = postgres();
  if (engine === undefined) return undefined;
  const name = engine.nameFor(dataFolder);
  await ensureDatabase(engine.databases, name);
  return `${engine.databases.url(name)}?${PARAMETERS}`;
}

/** All that is in the database of a data folder, as text; empty with SQLite, which has it in the folder itself. */
export async function databaseText(dataFolder: string): Promise<string> {
  const engine = postgres();
  if (engine === undefined) return '';
  const { databases } = engine;
  const name = engine.nameFor(dataFolder);
  const tables = await databases.query<{ name: string }>(
    name,
    `select quote_ident(tablename) as name from pg_tables where schemaname = 'public'`,
  );
  const texts = tables.map(table =>
    databases.query<{ row: string }>(name, `select t::text as row from ${table.name} t`),
  );
  return (await Promise.all(texts)).flatMap(rows => rows.map(({ row }) => row)).join('\n');
}

let makePostgresHarness: (() => Promise<StoreHarness>) | undefined;

/** A store of the engine for a test that has no gate in a data folder. */
export function createHarness(): Promise<StoreHarness> {
  const engine = postgres();
  if (engine === undefined) return createSqliteHarness();
  makePostgresHarness ??= reusingHarnesses(() => engine.databases, PARAMETERS, engine.prefix);
  return makePostgresHarness();
}

function postgres(): Engine | undefined {
  const url = process.env[postgresVariable];
  if (url === undefined) return undefined;
  const [, server = '', prefix = ''] = /^(.*)\/(\w+)$/.exec(url) ?? [];
  return {
    prefix,
    databases: databasesAt(server),
    nameFor: folder => `${prefix}_${createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 24)}`,
  };
}
