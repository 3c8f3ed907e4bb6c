import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { watchChild } from '../programs/children.ts';
import { storeOf } from './engine.ts';
import { ROOT, until } from './gate.ts';

/** How a command ended, and what it said. */
export interface CommandEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs until it is stopped. */
export interface RunningCommand {
  readonly pid: number;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly stdout: () => string;
  readonly end: Promise<CommandEnd>;
  /** SIGTERM, and waits for the end. */
  readonly stop: () => Promise<CommandEnd>;
}

export interface CommandOptions {
  /** Standard input; absent: nothing. */
  readonly input?: string;
  /** Added to our own environment. */
  readonly env?: Readonly<Record<string, string>>;
}

const BIN = join(ROOT, 'bin', 'postern');

/** Runs the real bin/postern to its end. */
export async function postern(args: readonly string[], options: CommandOptions = {}): Promise<CommandEnd> {
  const child = await start(args, options);
  return child.end;
}

/** Starts the real bin/postern, and waits until it has written a line. */
export async function startPostern(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<RunningCommand> {
  const command = await start(args, options);
  const ended = command.end.then(({ stderr }) => {
    if (!command.stdout().includes('\n')) throw new Error(`It ended before it said anything: ${stderr}`);
    return true;
  });
  await Promise.race([ended, until(() => command.stdout().includes('\n'), 'the first line')]);
  return command;
}

/** A folder that is removed after the test. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'postern-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function start(args: readonly string[], { input = '', env }: CommandOptions): Promise<RunningCommand> {
  const store = await storeFor(args);
  const child = spawn(process.execPath, [BIN, ...args, ...store.args], {
    detached: true,
    env: { ...process.env, ...store.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  watchChild(child);
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.stderr += text;
  });
  // Nobody may be reading: a command that is refused at once.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const end = endOf(child).then(([code, signal]) => ({ code, signal, ...said }));
  return {
    pid: child.pid ?? 0,
    kill: signal => void child.kill(signal),
    stdout: () => said.stdout,
    end,
    stop() {
      child.kill('SIGTERM');
      return end;
    },
  };
}

/** Says where the data folder that a command names keeps its mail: by an argument where settings are not read. */
async function storeFor(
  args: readonly string[],
): Promise<{ readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> }> {
  const folder = args[args.indexOf('--data') + 1];
  const isSaid = !args.includes('--data') || args.includes('--store');
  const store = isSaid || folder === undefined ? undefined : await storeOf(folder);
  if (store === undefined) return { args: [], env: {} };
  return args[0] === 'dev'
    ? { args: ['--store', store], env: {} }
    : { args: [], env: { POSTERN_STORE: store } };
}

async function endOf(child: ChildProcess): Promise<[number | null, NodeJS.Signals | null]> {
  const [code, signal] = await once(child, 'close');
  return [code, signal];
}
