import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { watchChild } from '../programs/children.ts';
import { WAIT_MS } from '../programs/patience.ts';
import { storeOf } from './engine.ts';

/** The first line that `postern dev --json` prints. */
export interface GateAnnouncement {
  /** `http://HOST:PORT` and `HOST:PORT`. */
  readonly http: string;
  readonly smtp: string;
  readonly account: { readonly authuser: string; readonly authpass: string; readonly key: string };
  readonly adminToken: string;
  readonly tempMail: {
    readonly domains: readonly string[];
    readonly jwtSecret: string;
    readonly adminPassword: string;
  };
}

/** A gate running as a process of its own. */
export interface RunningGate extends GateAnnouncement {
  readonly key: string;
  readonly data: string;
  readonly pid: number;
  /** What it has written to standard error: its log. */
  readonly log: () => string;
  /** Resolves with exit code and signal. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** SIGTERM, and waits for the end; removes the data folder unless it was given. */
  readonly stop: () => Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

export interface GateOptions {
  /** Data folder; absent: a new one that `stop` removes. */
  readonly data?: string;
  /** `HOST:PORT` of an SMTP server to deliver to instead of the inbox. */
  readonly smarthost?: string;
  /** Further arguments of `postern dev`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The checkout to run; absent: this one. */
  readonly root?: string;
  /** Put in front of the command, such as `strace -f -o FILE`. */
  readonly wrapper?: readonly string[];
}

export const ROOT = join(import.meta.dirname, '..', '..', '..');

/** Starts `postern dev` on free ports and waits until it listens. */
export async function startGate(options: GateOptions = {}): Promise<RunningGate> {
  const data = options.data ?? mkdtempSync(join(tmpdir(), 'postern-gate-'));
  const isSaid = options.args?.includes('--store');
  const child = spawnGate(options, data, isSaid ? undefined : await storeOf(data));
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    log += chunk;
  });
  const exited = once(child, 'exit').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
  }));
  const announcement = await firstLine(child, () => log);
  return {
    ...announcement,
    key: announcement.account.key,
    data,
    pid: child.pid ?? 0,
    log: () => log,
    exited,
    kill: signal => void child.kill(signal),
    async stop() {
      child.kill('SIGTERM');
      const ending = await exited;
      if (options.data === undefined) rmSync(data, { recursive: true, force: true });
      return ending;
    },
  };
}

function spawnGate(options: GateOptions, data: string, store: string | undefined): ChildProcess {
  const args = ['dev', '--json', '--http', '127.0.0.1:0', '--smtp', '127.0.0.1:0', '--data', data];
  if (store !== undefined) args.push('--store', store);
  if (options.smarthost !== undefined) args.push('--smarthost', `smtp://${options.smarthost}`);
  const command = [
    ...(options.wrapper ?? []),
    process.execPath,
    join(options.root ?? ROOT, 'bin', 'postern'),
  ];
  const [program = process.execPath, ...rest] = command;
  const child = spawn(program, [...rest, ...args, ...(options.args ?? [])], {
    detached: true,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return watchChild(child);
}

async function firstLine(child: ChildProcess, log: () => string): Promise<GateAnnouncement> {
  if (child.stdout === null) throw new Error('The gate has no standard output.');
  const lines = createInterface({ input: child.stdout });
  const timeout = AbortSignal.timeout(WAIT_MS);
  try {
    const [line] = await Promise.race([
      once(lines, 'line', { signal: timeout }),
      once(child, 'exit').then(() => {
        throw new Error(`The gate ended before it listened:\n${log()}`);
      }),
    ]);
    // Later lines are read and dropped, so that the gate never waits for us.
    lines.on('line', () => {});
    return JSON.parse(String(line)) as GateAnnouncement;
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

/** Waits until a condition holds, as long as tests wait; asks every 20 ms. */
export async function until<T>(
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  what: string,
): Promise<T> {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`Waited ${WAIT_MS / 1_000} s in vain for ${what}.`);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}
