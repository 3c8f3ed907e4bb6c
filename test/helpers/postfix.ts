import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './gate.ts';
import { findProgram } from './outside.ts';
import { runProgram } from './program.ts';

/** Debian's Postfix on loopback, with a configuration and folders of its own. */
export interface Postfix {
  readonly host: '127.0.0.1';
  readonly port: number;
  /** Messages as they lie in the mailboxes of a domain, in the order of their delivery. */
  delivered(domain: string): readonly Buffer[];
  /** What it logged. */
  log(): string;
  /** Stops every process of it and removes its folders. */
  stop(): Promise<void>;
}

export interface PostfixOptions {
  /** Domains whose mail it keeps, whatever the local part; mail for all others it refuses. */
  readonly domains: readonly string[];
}

const STOP_MS = 5_000;

/** Starts a Postfix that takes mail for some domains and has no way to anywhere else. Needs root, as Postfix does. */
export async function startPostfix({ domains }: PostfixOptions): Promise<Postfix> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-postfix-'));
  const port = await freePort();
  const owner = await ownerOfMail();
  configure({ folder, port, owner, domains });
  // In the foreground it is a child like any other; in a process group of its own it can be ended with all its children.
  const master = spawn(daemon('master'), ['-s', '-c', join(folder, 'etc')], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [master.stdout, master.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
  }
  const stop = async (): Promise<void> => {
    await end(master);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await until(() => master.exitCode !== null || isListening(port), 'Postfix to listen');
    if (master.exitCode !== null) throw new Error(`Postfix ended:\n${log}`);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    host: '127.0.0.1',
    port,
    delivered: domain => readMaildir(join(folder, 'mail', domain, 'new')),
    log: () => log,
    stop,
  };
}

interface Setup {
  readonly folder: string;
  readonly port: number;
  readonly owner: { readonly uid: number; readonly gid: number };
  readonly domains: readonly string[];
}

function configure(setup: Setup): void {
  const { folder, owner } = setup;
  // Its daemons give up root before they look into these folders.
  chmodSync(folder, 0o755);
  for (const name of ['etc', 'queue', 'data', 'mail']) mkdirSync(join(folder, name));
  for (const name of QUEUE_FOLDERS) mkdirSync(join(folder, 'queue', name));
  chownAll(folder, owner);
  writeFileSync(join(folder, 'etc', 'main.cf'), mainConfiguration(setup));
  writeFileSync(join(folder, 'etc', 'master.cf'), services(setup.port));
}
