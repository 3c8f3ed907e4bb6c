import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../gates/gate.ts';
import { freePort } from '../mail-servers/mail-server.ts';
import { watchChild } from '../programs/children.ts';
import { findProgram } from '../programs/outside.ts';
import { databasesAt, type PostgresDatabases } from './postgres-databases.ts';
import { runAs } from './postgres-server.ts';

/** PgBouncer in transaction mode in front of a server, and that server's databases through it. */
export interface PgBouncer {
  readonly databases: PostgresDatabases;
  stop(): Promise<void>;
}

/** Connections to the server that all clients of one database share. */
const POOL_SIZE = 6;

/** `settings` are further lines of its section `[pgbouncer]`. */
export async function startPgBouncer(
  server: PostgresDatabases,
  settings: readonly string[] = [],
): Promise<PgBouncer> {
  const { hostname, port: serverPort } = new URL(server.url('x'));
  const folder = mkdtempSync(join(tmpdir(), 'postern-pgbouncer-'));
  // It runs as another user than root.
  chmodSync(folder, 0o755);
  const port = await freePort();
  const file = join(folder, 'pgbouncer.ini');
  const lines = [
    '[databases]',
    `* = host=${hostname} port=${serverPort} user=postern password=postern`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = any',
    'pool_mode = transaction',
    `default_pool_size = ${POOL_SIZE}`,
    'max_client_conn = 200',
    ...settings,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  const program = findProgram('pgbouncer') ?? 'pgbouncer';
  const child = spawn(program, [file], {
    ...runAs(),
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  watchChild(child);
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const exited = once(child, 'exit');
  await until(() => log.includes('process up') || child.exitCode !== null, 'PgBouncer to listen');
  if (child.exitCode !== null) throw new Error(`PgBouncer did not start:\n${log}`);
  return {
    databases: databasesAt(`postgres://postern@127.0.0.1:${port}`),
    async stop() {
      child.kill('SIGTERM');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
