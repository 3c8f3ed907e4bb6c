import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../gates/gate.ts';
import { watchChild } from '../programs/children.ts';
import { announce, needs } from '../programs/outside.ts';

/** A real mail server on loopback, with a configuration and folders of its own. */
export interface MailServer {
  readonly host: '127.0.0.1';
  readonly port: number;
  /** Every message that was delivered, a copy for each recipient. */
  delivered(): readonly Buffer[];
  /** What it logged. */
  log(): string;
  /** Ends all its processes and removes its folders. */
  stop(): Promise<void>;
}

/** Its own view of the machine, and what runs there. */
export interface Quarters {
  /** Files to be written, by name. */
  readonly files: Readonly<Record<string, string>>;
  /** Who owns its folders `mail`, `log` and `spool`. */
  readonly owner: Readonly<Record<'mail' | 'log' | 'spool', number>>;
  /** Shell commands before it starts, such as mounts, which nobody else sees. */
  readonly before: readonly string[];
  readonly command: readonly string[];
}

/** Where .ci/unpack-servers puts packages that exclude each other, as if it were the root of the file system. */
export const UNPACKED = join(import.meta.dirname, '..', '..', '..', 'tools', 'servers');

/** Whether this machine can run a server that .ci/unpack laid aside; announces the skip if not. */
export function canRun(program: string, what: string): boolean {
  if (!needs(what, 'unshare')) return false;
  if (!existsSync(join(UNPACKED, 'usr/sbin', program))) {
    announce(`${what}: no ${program} here; to have it: bash .ci/unpack-servers`);
    return false;
  }
  if (process.getuid?.() === 0) return true;
  announce(`${what}: it is started by root only`);
  return false;
}

/** Users that Debian's packages would have added, and its nobody. */
export const USERS = { 'Debian-exim': 65_001, opensmtpd: 65_002, opensmtpq: 65_003, nobody: 65_534 } as const;

/** Starts a server whose package is not installed, where its users and folders exist for it alone. */
export async function startUnpacked(
  settle: (place: { readonly folder: string; readonly port: number }) => Quarters,
): Promise<MailServer> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-server-'));
  const port = await freePort();
  const child = start(folder, settle({ folder, port }));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const log = (): string => [output, ...filesOf(join(folder, 'log'))].join('');
  async function stop(): Promise<void> {
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  }
  try {
    await until(() => child.exitCode !== null || greets(port), 'the server to listen');
    if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}: ${log()}`);
  } catch (error) {
    await stop();
    throw error;
  }
  const delivered = (): Buffer[] =>
    filesOf(join(folder, 'mail/new')).map(mail => Buffer.from(mail, 'latin1'));
  return { host: '127.0.0.1', port, delivered, log, stop };
}

function start(folder: string, { files, owner, before, command }: Quarters): ChildProcess {
  // Its processes give up root before they look in here.
  chmodSync(folder, 0o755);
  for (const [name, user] of Object.entries(owner)) {
    mkdirSync(join(folder, name));
    chownSync(join(folder, name), user, user);
  }
  for (const name of ['passwd', 'group']) writeFileSync(join(folder, name), withUsers(name));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const script = [
    'set -e',
    ...['passwd', 'group'].map(name => `mount --bind ${join(folder, name)} /etc/${name}`),
    ...before,
    'exec "$@"',
  ];
  const inside = ['sh', '-c', script.join('\n'), 'sh', ...command];
  const child = spawn('unshare', ['--mount', ...inside], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return watchChild(child);
}

function withUsers(name: string): string {
  const added = Object.entries(USERS).map(([user, id]) =>
    name === 'group' ? `${user}:x:${id}:\n` : `${user}:x:${id}:${id}::/nonexistent:/usr/sbin/nologin\n`,
  );
  return added.join('') + readFileSync(join('/etc', name), 'utf8');
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

/** Whether somebody says a first word there. */
async function greets(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'data', { signal: AbortSignal.timeout(2_000) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Every file of a folder as latin1, in the order of their names. */
export function filesOf(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map(name => readFileSync(join(folder, name), 'latin1'));
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
