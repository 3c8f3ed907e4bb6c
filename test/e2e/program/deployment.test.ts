import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../../../src/config/config.ts';
import { documentBlock } from '../../helpers/documents/document-block.ts';
import { apiOf } from '../../helpers/gates/api.ts';
import { readCompose, statusOf } from '../../helpers/gates/compose.ts';
import { ROOT, type RunningGate, startGate, until } from '../../helpers/gates/gate.ts';
import { startServe } from '../../helpers/gates/serve.ts';
import { createTestCa } from '../../helpers/mail-servers/test-ca.ts';
import { needs } from '../../helpers/programs/outside.ts';
import { runProgram } from '../../helpers/programs/program.ts';
import { type PostgresServer, startPostgres } from '../../helpers/stores/postgres-server.ts';

// What deployment.md, postgresql.md and upgrade.md in docs/ tell people to run and to write, as it stands there. What needs
// a container engine or systemd is not run.

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-deployment-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(script: string, env: Readonly<Record<string, string>> = {}): Promise<void> {
  const { code, stdout, stderr } = await runProgram('bash', ['-euo', 'pipefail', '-c', script], {
    cwd: folder,
    env,
  });
  if (code !== 0) throw new Error(`exit ${code}:\n${stdout}${stderr}`);
}

/** A gate of development mode with one message that was delivered. */
async function startWithMail(options: { data?: string; args?: readonly string[] }): Promise<RunningGate> {
  const gate = await startGate(options);
  onTestFinished(async () => void (await gate.stop()));
  const api = apiOf(gate, gate.adminToken);
  await api.send({ from: 'a@sender.test', to: 'b@rcpt.test', subject: 'kept', text: 'x' });
  await api.reachEmptyQueue();
  return gate;
}

describe('the configurations', () => {
  test('are taken', () => {
    for (const name of ['secret-key', 'fullchain.pem', 'privkey.pem'])
      writeFileSync(join(folder, name), Buffer.alloc(32, 7).toString('base64'));
    for (const [name, text] of [
      ['one', documentBlock('deployment.md', 'yaml', 'certificateFile')],
      ['many', documentBlock('postgresql.md', 'yaml', 'secretKeyFile')],
    ] as const) {
      const file = join(folder, `${name}.yaml`);
      writeFileSync(file, text.replaceAll('/etc/postern/secret-key', join(folder, 'secret-key')));
      expect(loadConfig({ file, environment: {} }).development).toBe(false);
    }
  });

  test.runIf(needs('TLS as docs/deployment.md has it', 'haproxy'))(
    'of haproxy, TLS included, are taken',
    async () => {
      const { cert, key } = createTestCa().issue(['localhost']);
      const pem = join(folder, 'postern.pem');
      writeFileSync(pem, cert + key);
      const file = join(folder, 'haproxy.cfg');
      const tls = documentBlock('deployment.md', 'text', 'frontend https').replace(
        '/usr/local/etc/haproxy/postern.pem',
        pem,
      );
      writeFileSync(file, `${readFileSync(join(ROOT, 'deploy/haproxy.cfg'), 'utf8')}\n${tls}`);
      await run(`PATH=$PATH:/usr/sbin; haproxy -c -f ${file}`);
    },
  );
});

test('the file of secrets is made, for its owner alone, and has all that compose.yaml asks for', async () => {
  await run(documentBlock('deployment.md', 'sh', '.env'));
  const file = join(folder, '.env');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  const variables = Object.fromEntries(lines.map(line => line.split('=')));
  const { environment = {} } = readCompose(variables).services['gate-1'] ?? {};
  expect(loadConfig({ environment }).secretKey).toMatch(/^[0-9a-f]{64}$/);
});

test('a gate that stops says so first, and takes what comes until the load balancer has noticed', async () => {
  const gate = await startServe({ settings: { 'http.drainMs': 60_000 } });
  gate.kill('SIGTERM');
  await until(async () => (await statusOf(`${gate.http}/readyz`)) === 503, 'the gate to say that it stops');
  const body = JSON.stringify({ from: 'a@sender.test', to: 'b@rcpt.test', subject: 'late', text: 'x' });
  expect(await statusOf(`${gate.http}/messages`, { method: 'POST', body })).toBe(200);
  // A second signal is for those who do not want to wait.
  expect((await gate.stop()).code).toBe(143);
});

test.runIf(needs('a copy of the database of a running gate', 'sqlite3'))(
  'a copy of the database of a running gate is a gate that has its mail',
  async () => {
    const gate = await startWithMail({});
    const backup = join(folder, 'backup');
    mkdirSync(backup);
    await run(documentBlock('upgrade.md', 'sh', '.backup'), { DATA: gate.data, BACKUP: backup });
    const restored = await startGate({ data: backup });
    onTestFinished(async () => void (await restored.stop()));
    const { messages } = await apiOf(restored, restored.adminToken).ask<{ messages: { subject: string }[] }>(
      'GET',
      '/v1/messages',
    );
    expect(messages.map(({ subject }) => subject)).toEqual(['kept']);
  },
);

describe.runIf(needs('dump and restore', 'postgresql/15/bin/postgres', 'pg_dump'))(
  'a dump of the database',
  () => {
    let servers: readonly PostgresServer[];
    beforeAll(async () => {
      servers = [await startPostgres(undefined, 15), await startPostgres(undefined, 15)];
    });
    afterAll(() => Promise.all(servers.map(server => server.stop())));

    const setUp = documentBlock('postgresql.md', 'sql', 'create role')
      .split(';')
      .filter(statement => statement.trim() !== '');
    /** As the role that docs/postgresql.md makes. */
    const urlOf = (server: PostgresServer | undefined, database: string) =>
      server?.url(database).replace('postern:postern@', 'gates:change%20me@') ?? '';

    test('is restored into another server, where events go on rising', async () => {
      const [old, other] = servers;
      // The role of the tests' servers has the name already.
      for (const server of servers)
        for (const statement of setUp) {
          const ours = statement
            .replace('role postern', 'role gates')
            .replace('owner postern', 'owner gates');
          await server.query('postgres', ours.replace('database postern', 'database mail'));
        }
      const gate = await startWithMail({ args: ['--store', urlOf(old, 'mail')] });
      const before = await apiOf(gate, gate.adminToken).events();
      await run(documentBlock('upgrade.md', 'sh', 'pg_dump'), { DATABASE_URL: urlOf(old, 'mail') });
      await run(documentBlock('upgrade.md', 'sh', 'pg_restore').replace('--owner=postern', '--owner=gates'), {
        SERVER_URL: other?.url('postgres') ?? '',
        RESTORED_URL: urlOf(other, 'postern_restored'),
      });
      const restored = await startWithMail({ args: ['--store', urlOf(other, 'postern_restored')] });
      const after = await apiOf(restored, restored.adminToken).events();
      expect(after.slice(0, before.length)).toEqual(before);
      const ids = after.map(({ id }) => BigInt(id));
      expect(ids.length).toBeGreaterThan(before.length);
      expect(ids).toEqual(ids.toSorted((a, b) => (a < b ? -1 : 1)));
      const deliveredOf = (events: typeof after) => events.filter(({ type }) => type === 'delivered').length;
      expect(deliveredOf(after)).toBe(deliveredOf(before) + 1);
    });
  },
);
