import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A gate that runs as in production, with default settings. */
export interface Gate {
  readonly pid: number;
  readonly host: string;
  readonly port: number;
  /** Its data folder. */
  readonly data: string;
  /** Creates a key that can send. */
  createKey(): Promise<string>;
  /** Adds an SMTP server on loopback as the provider of all gates that share the store. */
  addProvider(port: number, maxConnections: number): Promise<void>;
  /** Stops it gracefully. */
  stop(): Promise<void>;
  /** The last error in its log; '' when there is none. */
  lastError(): string;
  /** Kills it and removes its data. */
  remove(): Promise<void>;
}

/** Settings that gates of one database share. */
export interface Shared {
  /** `postgres://…` */
  readonly store: string;
  readonly secretKey: string;
}

interface Start {
  /** The parent of its data folder. */
  readonly folder: string;
  /** Absent: the gate has its own store in its data folder. */
  readonly shared?: Shared;
}

const LOOPBACK = '127.0.0.1';
const PROGRAM = join(import.meta.dirname, '..', 'bin', 'postern');
const START_MS = 120_000;
const STOP_MS = 120_000;

/** Starts a gate. It has no provider yet, unless its store has one. */
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
    const { hostname, port } = await readHttpUrl(child, ended);
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
    const output = readFileSync(log, 'utf8');
    await remove();
    throw new Error(`The gate did not start:\n${output}`, { cause: error });
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

/** Without the POSTERN_ variables of the user, which may be for another gate. */
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

async function readHttpUrl(child: ChildProcess, ended: Promise<unknown>): Promise<URL> {
  if (child.stdout === null) throw new Error('The gate has no standard output.');
  const lines = createInterface({ input: child.stdout });
  const line = once(lines, 'line', { signal: AbortSignal.timeout(START_MS) });
  const first = await Promise.race([line, ended.then(() => undefined)]);
  if (first === undefined) throw new Error('The gate ended before it listened.');
  return new URL(JSON.parse(first[0]).http);
}

/** Runs a command of postern on the data folder of the gate, and returns its output. */
async function runCommand(data: string, env: NodeJS.ProcessEnv, args: readonly string[]): Promise<string> {
  const program = [PROGRAM, ...args, '--data', data];
  const { stdout } = await promisify(execFile)(process.execPath, program, { env, timeout: START_MS });
  return stdout;
}

/** The log is one JSON object per line, with pino's levels. */
function lastErrorOf(log: string): string {
  return log.split('\n').findLast(line => /^{"level":[56]0,/.test(line)) ?? '';
}
