import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { until } from '../gates/gate.ts';
import { watchChild } from '../programs/children.ts';
import { announce, findProgram, needs } from '../programs/outside.ts';
import { runProgram } from '../programs/program.ts';
import { filesOf, freePort, type MailServer } from './mail-server.ts';
import type { Certificate } from './test-ca.ts';

export interface PostfixOptions {
  /** Domains whose mail it keeps, whatever the local part; for all others it says no. */
  readonly domains: readonly string[];
  /** With it STARTTLS is offered. */
  readonly certificate?: Certificate;
}

/** Whether this machine can run one; announces the skip if not. */
export function hasPostfix(what: string): boolean {
  if (!needs(what, 'postfix')) return false;
  if (process.getuid?.() === 0) return true;
  announce(`${what}: Postfix is started by root only`);
  return false;
}

/** Debian's nobody and nogroup. */
const NOBODY = 65_534;

/** Starts a Postfix that keeps mail for some domains and has no way to anywhere else. */
export async function startPostfix(options: PostfixOptions): Promise<MailServer> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-postfix-'));
  try {
    const port = await freePort();
    const etc = await configure(folder, port, options);
    const log = (): string => readIfThere(join(folder, 'log'));
    const master = await startMaster(etc, log);
    return {
      host: '127.0.0.1',
      port,
      delivered: () => filesOf(join(folder, 'mail/all/new')).map(mail => Buffer.from(mail, 'latin1')),
      log,
      async stop() {
        await end(master);
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Writes its configuration and has it make its queue; resolves with the folder of the configuration. */
async function configure(
  folder: string,
  port: number,
  { domains, certificate }: PostfixOptions,
): Promise<string> {
  const etc = join(folder, 'etc');
  for (const name of ['etc', 'queue', 'data', 'mail']) mkdirSync(join(folder, name));
  // Its daemons give up root before they look in here.
  chmodSync(folder, 0o755);
  chownSync(join(folder, 'data'), await idOf('postfix'), 0);
  chownSync(join(folder, 'mail'), NOBODY, NOBODY);
  const tls = certificate === undefined ? '' : tlsSettings(etc, certificate);
  writeFileSync(join(etc, 'main.cf'), settings(folder, domains) + tls);
  writeFileSync(join(etc, 'master.cf'), services(port));
  await run(programs().postfix, '-c', etc, 'check');
  return etc;
}

function settings(folder: string, domains: readonly string[]): string {
  return `compatibility_level = 3.6
myhostname = mta.test
queue_directory = ${folder}/queue
data_directory = ${folder}/data
maillog_file = ${folder}/log
maillog_file_prefixes = ${folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
disable_dns_lookups = yes
smtpd_peername_lookup = no
smtpd_relay_restrictions = reject_unauth_destination
default_transport = error:there is no way out
relay_transport = error:there is no way out
mydestination =
alias_maps =
virtual_mailbox_domains = ${domains.join(', ')}
virtual_mailbox_base = ${folder}/mail
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:${NOBODY}
virtual_gid_maps = static:${NOBODY}
message_size_limit = 33554432
`;
}

function tlsSettings(etc: string, { cert, key }: Certificate): string {
  writeFileSync(join(etc, 'chain.pem'), key + cert, { mode: 0o600 });
  return `smtpd_tls_security_level = may
smtpd_tls_chain_files = ${etc}/chain.pem
smtpd_tls_received_header = yes
`;
}

/** No service that could send mail elsewhere, and none that takes it but by SMTP. */
function services(port: number): string {
  return `127.0.0.1:${port} inet n - n - - smtpd
anvil unix - - n - 1 anvil
bounce unix - - n - 0 bounce
cleanup unix n - n - 0 cleanup
defer unix - - n - 0 bounce
error unix - - n - - error
postlog unix-dgram n - n - 1 postlogd
proxymap unix - - n - - proxymap
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
tlsmgr unix - - n 1000? 1 tlsmgr
trace unix - - n - 0 bounce
virtual unix - n n - - virtual
`;
}

/** As a child of ours, not as a service of the machine. */
async function startMaster(etc: string, log: () => string): Promise<ChildProcess> {
  const daemons = (await run(programs().postconf, '-c', etc, '-h', 'daemon_directory')).trim();
  const master = spawn(join(daemons, 'master'), ['-s', '-c', etc], { detached: true, stdio: 'ignore' });
  watchChild(master, 'SIGTERM');
  try {
    // It listens before it says so.
    await until(() => /daemon started/.test(log()) || master.exitCode !== null, 'Postfix to start');
    if (master.exitCode !== null) throw new Error(`Postfix ended with ${master.exitCode}`);
    return master;
  } catch (error) {
    await end(master);
    throw new Error(`Postfix did not start: ${log()}`, { cause: error });
  }
}

/** The master takes its children along. */
async function end(master: ChildProcess): Promise<void> {
  if (master.exitCode !== null || master.signalCode !== null) return;
  const exited = once(master, 'exit');
  master.kill('SIGTERM');
  await exited;
}

function programs(): { readonly postfix: string; readonly postconf: string } {
  const postfix = findProgram('postfix') ?? 'postfix';
  return { postfix, postconf: join(dirname(postfix), 'postconf') };
}

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

async function idOf(user: string): Promise<number> {
  return Number(await run('id', '-u', user));
}

/** Runs a program to its good end; resolves with what it printed. */
async function run(program: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runProgram(program, args);
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${stderr}`);
  return stdout;
}
