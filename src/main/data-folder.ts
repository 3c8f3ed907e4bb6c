import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { newKeyText, OPERATOR_KEY_ID } from '../auth/key-text.ts';
import type { Random } from '../auth/random-text.ts';
import { readIfThere, readOrMake, writePrivate } from '../process/private-file.ts';

/** What a process does in a data folder: runs as a gate, or does the work of one command and ends. */
export type Purpose = 'gate' | 'command';

/** Who holds a data folder. */
export interface Holder {
  readonly pid: number;
  readonly purpose: Purpose;
  /** Base URL of its HTTP APIs; absent until it listens, and for a command. */
  readonly http?: string;
}

/** A data folder that this process holds alone. */
export interface DataFolder {
  readonly path: string;
  /** The credential of whoever can read this folder, as the commands do. */
  readonly operatorToken: string;
  /** Tells others in the folder where this process listens. */
  publish(http: { readonly host: string; readonly port: number }): void;
  /** Gives the folder back; also the end of the process does. */
  release(): void;
}

/** Another process has the data folder. */
export class DataFolderInUse extends Error {
  readonly holder: Holder | undefined;

  constructor(path: string, holder: Holder | undefined) {
    const who = holder === undefined ? 'another process' : `process ${holder.pid}`;
    super(
      `The data folder ${path} is in use by ${who}. Stop that one first, or choose another folder with --data.`,
    );
    this.name = 'DataFolderInUse';
    this.holder = holder;
  }
}

export interface HoldOptions {
  readonly purpose: Purpose;
  readonly random: Random;
  /** How long to wait for a command that is at work there; a gate is never waited for. */
  readonly waitMs: number;
}

/** The file in a data folder that its process has locked. */
export const LOCK = 'postern.lock';
const HOLDER = 'running.json';
const OPERATOR_TOKEN = 'operator-token';
const POLL_MS = 50;

/** Takes a data folder, made when it is not there; throws DataFolderInUse when another process has it. */
export async function holdDataFolder(path: string, options: HoldOptions): Promise<DataFolder> {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const lock = await waitForLock(path, options.waitMs);
  const holder: Holder = { pid: process.pid, purpose: options.purpose };
  try {
    writePrivate(join(path, HOLDER), JSON.stringify(holder));
    const operatorToken = readOrMake(join(path, OPERATOR_TOKEN), () =>
      newKeyText(OPERATOR_KEY_ID, options.random),
    );
    return {
      path,
      operatorToken,
      publish: at => writePrivate(join(path, HOLDER), JSON.stringify({ ...holder, http: reachableUrl(at) })),
      release() {
        if (!lock.open) return;
        rmSync(join(path, HOLDER), { force: true });
        lock.close();
      },
    };
  } catch (error) {
    lock.close();
    throw error;
  }
}

/** Who holds a folder, as that process wrote it; undefined when nobody wrote anything. Says nothing about whether it lives. */
export function readHolder(path: string): Holder | undefined {
  const text = readIfThere(join(path, HOLDER));
  // Written whole by holdDataFolder, and by nobody else.
  return text === undefined ? undefined : (JSON.parse(text) as Holder);
}

/** The operator's token of a folder that some process has held. */
export function readOperatorToken(path: string): string | undefined {
  return readIfThere(join(path, OPERATOR_TOKEN));
}

/** The URL under which a listener is reached from the same machine. */
export function reachableUrl({ host, port }: { readonly host: string; readonly port: number }): string {
  const local = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }[host];
  return `http://${local ?? (host.includes(':') ? `[${host}]` : host)}:${port}`;
}

async function waitForLock(path: string, waitMs: number): Promise<Database.Database> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const lock = tryLock(path);
    if (lock !== undefined) return lock;
    const holder = readHolder(path);
    if (holder?.purpose === 'gate' || performance.now() >= deadline) throw new DataFolderInUse(path, holder);
    await delay(POLL_MS);
  }
}

/**
 * SQLite's lock on a file is the kernel's: it goes with its process, however that ends, and holds between containers
 * that share a volume. A process id in a file can do neither: in every container the first process is number 1.
 */
function tryLock(path: string): Database.Database | undefined {
  const lock = new Database(join(path, LOCK), { timeout: 0 });
  try {
    lock.exec('begin exclusive');
    return lock;
  } catch (error) {
    lock.close();
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return undefined;
    throw error;
  }
}
