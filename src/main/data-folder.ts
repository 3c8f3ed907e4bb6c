import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { newKeyText, OPERATOR_KEY_ID } from '../auth/key-text.ts';
import type { Random } from '../auth/random-text.ts';
import { readIfThere, readOrMake, writePrivate } from '../process/private-file.ts';

/** `gate`: the process runs until it is stopped. `command`: it does the work of one command and ends. */
export type Purpose = 'gate' | 'command';

/** The process that holds a data folder. */
export interface Holder {
  readonly pid: number;
  readonly purpose: Purpose;
  /** Base URL of its HTTP APIs; absent until it listens, and for a command. */
  readonly http?: string;
}

/** A data folder that only this process may use. */
export interface DataFolder {
  readonly path: string;
  /** The key with all rights. Commands read it from this folder. */
  readonly operatorToken: string;
  /** Writes the address of the HTTP server into the folder, for commands. */
  publish(http: { readonly host: string; readonly port: number }): void;
  /** Releases the folder. The end of the process releases it too. */
  release(): void;
}

/** Another process holds the data folder. */
export class DataFolderInUse extends Error {
  readonly holder: Holder | undefined;

  constructor(path: string, holder: Holder | undefined) {
    const who = holder === undefined ? 'another process' : `process ${holder.pid}`;
    super(
      `The data folder ${path} is in use by ${who}. Stop that process first, or choose another folder with --data.`,
    );
    this.name = 'DataFolderInUse';
    this.holder = holder;
  }
}

export interface HoldOptions {
  readonly purpose: Purpose;
  readonly random: Random;
  /** How long to wait for a command that holds the folder. A gate is not waited for. */
  readonly waitMs: number;
}

/** The lock file of a data folder. */
export const LOCK = 'postern.lock';
const HOLDER = 'running.json';
const OPERATOR_TOKEN = 'operator-token';
const POLL_MS = 50;

/**
 * Takes a data folder for this process, and creates it if it does not exist.
 * @throws DataFolderInUse when another process holds it.
 */
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

/** Reads which process holds, or held, a folder; undefined when no process wrote it. The process may have ended since. */
export function readHolder(path: string): Holder | undefined {
  const text = readIfThere(join(path, HOLDER));
  // Only holdDataFolder writes this file, and always the whole file.
  return text === undefined ? undefined : (JSON.parse(text) as Holder);
}

/** Reads the operator token; undefined when no process has used the folder yet. */
export function readOperatorToken(path: string): string | undefined {
  return readIfThere(join(path, OPERATOR_TOKEN));
}

/** Returns the URL of a listener for clients on the same machine. */
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
 * Locks with SQLite's lock on a file, which is a lock of the kernel. It ends with its process, however that ends, and it
 * works between containers that share a volume. A process id in a file does neither: each container has a process 1.
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
