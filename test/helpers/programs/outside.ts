import { accessSync, appendFileSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Programs from outside that some tests need, with the Debian packages (in .ci/debian-packages) that have them. */
const packages = {
  chromium: 'chromium',
  curl: 'curl',
  haproxy: 'haproxy',
  msmtp: 'msmtp',
  openssl: 'openssl',
  perl: 'perl',
  pgbouncer: 'pgbouncer',
  pg_dump: 'postgresql-client-15',
  pg_isready: 'postgresql-client-15',
  php: 'php-cli',
  postfix: 'postfix',
  'postgresql/15/bin/postgres': 'postgresql-15',
  python3: 'python3',
  'smtp-sink': 'postfix',
  'smtp-source': 'postfix',
  sqlite3: 'sqlite3',
  strace: 'strace',
  swaks: 'swaks libnet-ssleay-perl',
  'systemd-analyze': 'systemd',
  unshare: 'util-linux',
} as const;

export type Program = keyof typeof packages;

/** The Debian packages that tests may need. */
export const outsidePackages: readonly string[] = [
  ...new Set(Object.values(packages).flatMap(names => names.split(' '))),
];

/** The environment variable that names the file to which skips are appended, a line each; set by `npm test`. */
export const skipsVariable = 'TEST_SKIPS_FILE';

/**
 * Whether this machine has all the programs that something is shown with. If not, the skip is announced, so use it as
 * it stands: `describe.runIf(needs('delivery through a real Postfix', 'postfix'))(…)`.
 */
export function needs(what: string, ...programs: readonly Program[]): boolean {
  const missing = programs.filter(program => findProgram(program) === undefined);
  if (missing.length === 0) return true;
  const install = [...new Set(missing.map(program => packages[program]))].join(' ');
  announce(`${what}: no ${missing.join(', ')} here; to have it: apt-get install ${install}`);
  return false;
}

/** The path of a program, in PATH or where Debian keeps servers; undefined when it is not installed. */
export function findProgram(program: Program): string | undefined {
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    '/usr/local/sbin',
    '/usr/sbin',
    '/sbin',
    '/usr/lib',
  ];
  return folders.map(folder => join(folder, program)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Tells whoever runs the tests what is not shown here, and why. */
export function announce(skip: string): void {
  const file = process.env[skipsVariable];
  if (file === undefined) process.stderr.write(`skipped: ${skip}\n`);
  else appendFileSync(file, `${skip}\n`);
}
