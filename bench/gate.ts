import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

/** A gate running as in production, with its default settings. */
export interface Gate {
  readonly pid: number;
  readonly host: string;
  readonly port: number;
  /** Makes a key to hand in mail with. */
  createKey(): Promise<string>;
  /** Lets it end what is under way. */
  stop(): Promise<void>;
  /** Ends it at once and removes its data. */
  remove(): void;
}

interface Start {
  /** Its data folder is made in there. */
  readonly folder: string;
  /** Port, on loopback, of the server that takes its mail. */
  readonly sinkPort: number;
}

const PROGRAM = join(import.meta.dirname, '..', 'bin', 'postern');
const START_MS = 30_000;
const STOP_MS = 40_000;

/** Starts a gate whose only way out is the sink. */
export async function startGate({ folder, sinkPort }: Start): Promise<Gate> {
  const data = mkdtempSync(join(folder, 'postern-bench-'));
  const log = join(data, 'gate.log');
  const env = gateEnvironment(sinkPort);
  const child = spawn(process.execPath, [PROGRAM, 'serve', '--json', '--data', data], {
    env,
    stdio: ['ignore', 'pipe', openSync(log, 'a')],
  });
  const remove = () => {
    child.kill('SIGKILL');
    rmSync(data, { recursive: true, force: true });
  };
  try {
    const { hostname, port } = await whereItListens(child);
    return {
      pid: child.pid ?? 0,
      host: hostname,
      port: Number(port),
      createKey: () => createKey(data, env),
      async stop() {
        child.kill('SIGTERM');
        if (child.exitCode === null) await once(child, 'exit', { signal: AbortSignal.timeout(STOP_MS) });
      },
      remove,
    };
  } catch (error) {
    const words = readFileSync(log, 'utf8');
    remove();
    throw new Error(`The gate did not start:\n${words}`, { cause: error });
  }
}

/** Whoever runs the bench may have set up a gate of their own. */
function gateEnvironment(sinkPort: number): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('POSTERN_'));
  return {
    ...Object.fromEntries(own),
    POSTERN_HTTP_PORT: '0',
    POSTERN_SMTP_PORT: '0',
    POSTERN_SMARTHOST: `smtp://127.0.0.1:${sinkPort}?tls=none`,
  };
}

async function whereItListens(child: ChildProcess): Promise<URL> {
  if (child.stdout === null) throw new Error('The gate has no standard output.');
  const lines = createInterface({ input: child.stdout });
  const ended = once(child, 'exit').then(() => {
    throw new Error('It ended before it listened.');
  });
  // It ends later, too, when nobody waits for that.
  ended.catch(() => {});
  const line = once(lines, 'line', { signal: AbortSignal.timeout(START_MS) });
  const [announcement] = await Promise.race([line, ended]);
  return new URL(JSON.parse(announcement).http);
}

async function createKey(data: string, env: NodeJS.ProcessEnv): Promise<string> {
  const args = [PROGRAM, 'key', 'create', '--name', 'bench', '--json', '--data', data];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, timeout: START_MS });
  return JSON.parse(stdout).secret;
}
