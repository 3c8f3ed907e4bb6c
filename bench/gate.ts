import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A gate running as in production, with its default settings. */
export interface Gate {
  readonly pid: number;
  readonly host: string;
  readonly port: number;
  /** Its data folder. */
  readonly data: string;
  /** Makes a key to hand in mail with. */
  createKey(): Promise<string>;
  /** Sends its mail, and that of all that share its store, to an SMTP server on loopback. */
  addProvider(port: number, maxConnections: number): Promise<void>;
  /** Lets it end what is under way. */
  stop(): Promise<void>;
  /** The last error in its log; '' when there is none. */
  lastError(): string;
  /** Ends it at once and removes its data. */
  remove(): Promise<void>;
}

/** What gates of one database must agree on. */
export interface Shared {
  /** `postgres://…` */
  readonly store: string;
  readonly secretKey: string;
}

interface Start {
  /** Its data folder is made in there. */
  readonly folder: string;
  /** What it shares with others; absent: its data folder has all. */
  readonly shared?: Shared;
}

const LOOPBACK = '127.0.0.1';
const PROGRAM = join(import.meta.dirname, '..', 'bin', 'postern');
const START_MS = 120_000;
const STOP_MS = 120_000;

/** Starts a gate that has no way out yet, unless its store knows one. */
export async function startGate({ folder, shared }: Start): Promise<Gate> {
  const data = mkdtempSync(join(folder, 'postern-bench-'));
  const log = join(data, 'gate.log');
  const env = gateEnvironment(shared);
  const ask = (...args: string[]) => runCommand(data, env, args);
  const { child, ended } = spawnGate(data, log, env);

  async function remove(): Promise<void> {
    child.kill('SIGKILL');
    await ended;
    rmSync(data, { recursive: true, force: true });
  }

  try {
    const { hostname, port } = await whereItListens(child, ended);
    return {
      pid: child.pid ?? 0,
      host: hostname,
      port: Number(port),
      data,
      createKey: async () => JSON.parse(await ask('key', 'create', '--name', 'bench', '--json')).secret,
      async addProvider(port, maxConnections) {
        const server = ['--host', LOOPBACK, '--port', String(port), '--encryption', 'none'];
        await ask('provider', 'add', ...server, '--max-connections', String(maxConnections));
      },
      lastError: () => lastErrorOf(readFileSync(log, 'utf8')),
      async stop() {
        child.kill('SIGTERM');
        await Promise.race([ended, delay(STOP_MS, undefined, { ref: false })]);
      },
      remove,
    };
  } catch (error) {
    const words = readFileSync(log, 'utf8');
    await remove();
    throw new Error(`The gate did not start:\n${words}`, { cause: error });
  }
}

function spawnGate(data: string, log: string, env: NodeJS.ProcessEnv) {
  const logFile = openSync(log, 'a');
  const child = spawn(process.execPath, [PROGRAM, 'serve', '--json', '--data', data], {
    env,
    stdio: ['ignore', 'pipe', logFile],
  });
  closeSync(logFile);
  return { child, ended: once(child, 'exit') };
}

/** Whoever runs the bench may have set up a gate of their own. */
function gateEnvironment(shared: Shared | undefined): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('POSTERN_'));
  return {
    ...Object.fromEntries(own),
    POSTERN_HTTP_PORT: '0',
    POSTERN_SMTP_PORT: '0',
    POSTERN_ALLOW_CLEAR_TEXT: LOOPBACK,
    ...(shared && { POSTERN_STORE: shared.store, POSTERN_SECRET_KEY: shared.secretKey }),
  };
}

async function whereItListens(child: ChildProcess, ended: Promise<unknown>): Promise<URL> {
  if (child.stdout === null) throw new Error('The gate has no standard output.');
  const lines = createInterface({ input: child.stdout });
  const line = once(lines, 'line', { signal: AbortSignal.timeout(START_MS) });
  const first = await Promise.race([line, ended.then(() => undefined)]);
  if (first === undefined) throw new Error('It ended before it listened.');
  return new URL(JSON.parse(first[0]).http);
}

/** Runs a command beside the gate; resolves with what it says. */
async function runCommand(data: string, env: NodeJS.ProcessEnv, args: readonly string[]): Promise<string> {
  const program = [PROGRAM, ...args, '--data', data];
  const { stdout } = await promisify(execFile)(process.execPath, program, { env, timeout: START_MS });
  return stdout;
}

/** The log is one JSON object per line, with pino's levels. */
function lastErrorOf(log: string): string {
  return log.split('\n').findLast(line => /^{"level":[56]0,/.test(line)) ?? '';
}
