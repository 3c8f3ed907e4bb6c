import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../../test/helpers/gates/gate.ts';
import { type Certificate, createTestCa } from '../../../test/helpers/mail-servers/test-ca.ts';
import { type PostgresServer, runAs, startPostgres } from '../../../test/helpers/stores/postgres-server.ts';
import { AppError } from '../../core/errors.ts';
import { openDatabase } from './database.ts';
import { parseStoreUrl } from './store-url.ts';

let server: PostgresServer;
let folder: string;
const ca = createTestCa();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'postern-tls-'));
  writeFileSync(join(folder, 'ca.pem'), ca.cert);
  writeFileSync(join(folder, 'other-ca.pem'), createTestCa('Another CA').cert);
  server = await startPostgres();
  for (const [name, file] of Object.entries(giveToServer(ca.issue(['localhost']))))
    await server.query('postgres', `alter system set ssl_${name}_file = '${file}'`);
  await switchTls('on');
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** Writes a certificate and its key to files that are the server's own, as it wants them. */
function giveToServer({ cert, key }: Certificate): { cert: string; key: string } {
  const owner = runAs();
  const files = { cert: join(folder, 'server.pem'), key: join(folder, 'server.key') };
  writeFileSync(files.cert, cert);
  writeFileSync(files.key, key, { mode: 0o600 });
  chmodSync(folder, 0o755);
  if (owner !== undefined) chownSync(files.key, owner.uid, owner.gid);
  return files;
}

async function switchTls(to: 'on' | 'off'): Promise<void> {
  await server.query('postgres', `alter system set ssl = ${to}`);
  await server.query('postgres', 'select pg_reload_conf()');
  await until(async () => ((await connect('sslmode=require')) === true) === (to === 'on'), `TLS to be ${to}`);
}

/** Whether the connection is encrypted; or why there is none. */
async function connect(parameters: string, host = 'localhost'): Promise<boolean | string> {
  const url = server.url('postgres').replace('127.0.0.1', host);
  const db = openDatabase(parseStoreUrl(`${url}?${parameters}`));
  try {
    const [row] = await db.rows<{ ssl: boolean }>('select ssl from pg_stat_ssl where pid = pg_backend_pid()');
    return row?.ssl ?? false;
  } catch (error) {
    if (!(error instanceof AppError) || !(error.cause instanceof Error)) throw error;
    expect([error.code, error.message]).toEqual(['unavailable', 'The database cannot be reached.']);
    return error.cause.message;
  } finally {
    await db.close();
  }
}

describe('a server with TLS', () => {
  const trusted = () => `sslrootcert=${join(folder, 'ca.pem')}`;

  test('is taken with verify-full when its authority is trusted and its name is right', async () => {
    expect(await connect(`sslmode=verify-full&${trusted()}`)).toBe(true);
  });

  test('is refused with another authority, and with none', async () => {
    const untrusted = /certificate is of an authority that is not trusted .*sslrootcert=FILE/;
    const other = `sslrootcert=${join(folder, 'other-ca.pem')}`;
    for (const mode of ['require', 'verify-ca', 'verify-full'])
      expect(await connect(`sslmode=${mode}&${other}`)).toMatch(untrusted);
    expect(await connect('sslmode=verify-full')).toMatch(untrusted);
  });

  test('is refused under another name with verify-full alone', async () => {
    const refused = await connect(`sslmode=verify-full&${trusted()}`, '127.0.0.1');
    expect(refused).toMatch(
      /certificate is for another host: .*127\.0\.0\.1.* Connect by a name that it has/,
    );
    expect(await connect(`sslmode=verify-ca&${trusted()}`, '127.0.0.1')).toBe(true);
  });

  test('is taken unseen with require, and not encrypted without sslmode', async () => {
    expect(await connect('sslmode=require')).toBe(true);
    expect(await connect('')).toBe(false);
    expect(await connect('sslmode=disable')).toBe(false);
  });
});

test('a server without TLS is refused when it is asked for', async () => {
  await switchTls('off');
  expect(await connect('sslmode=require')).toBe('It offers no TLS, which sslmode asks for.');
  await switchTls('on');
});

describe('parameters of TLS', () => {
  test.each([
    ['sslmode=prefer', "sslmode must be one of disable, require, verify-ca, verify-full, found 'prefer'"],
    ['sslmode=verify-ca', 'sslmode=verify-ca needs sslrootcert'],
    ['sslrootcert=/nowhere', 'sslrootcert needs sslmode=verify-full'],
    ['sslmode=verify-full&sslrootcert=/nowhere', 'the file of sslrootcert, /nowhere, cannot be read'],
  ])('%s is refused', (parameters, reason) => {
    expect(() => parseStoreUrl(`postgres://a@b/c?${parameters}`)).toThrow(reason);
  });
});
