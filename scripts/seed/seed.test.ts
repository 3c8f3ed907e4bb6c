import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Api, apiOf } from '../../test/helpers/gates/api.ts';
import { type GateOptions, startGate } from '../../test/helpers/gates/gate.ts';
import { runProgram } from '../../test/helpers/programs/program.ts';

const seed = (...args: readonly string[]) =>
  runProgram(process.execPath, [join(import.meta.dirname, 'seed.ts'), ...args]);

async function start(options: GateOptions = {}) {
  const gate = await startGate(options);
  onTestFinished(async () => void (await gate.stop()));
  return { gate, api: apiOf(gate, gate.adminToken) };
}

async function countOf(api: Api, filter: string): Promise<number> {
  const path = `/v1/messages?limit=1000&${filter}`;
  return (await api.ask<{ messages: readonly unknown[] }>('GET', path)).messages.length;
}

test('npm run seed fills a running gate with many kinds of mail', async () => {
  const { gate, api } = await start();
  const { code, stderr } = await seed('--messages', '200', '--data', gate.data, '--smtp', gate.smtp);
  expect(stderr).toContain('seed: 200 of 200 accepted');
  expect(code).toBe(0);

  // The gate may have added bounce messages about mail from SMTP.
  expect(await countOf(api, '')).toBeGreaterThanOrEqual(200);
  expect(await countOf(api, 'state=delivered')).toBeGreaterThan(150);
  expect(await countOf(api, 'state=bounced')).toBeGreaterThan(0);
  expect(await countOf(api, 'state=deferred')).toBeGreaterThan(0);
  expect(await countOf(api, 'state=cancelled')).toBeGreaterThan(0);

  const { providers } = await api.ask<{ providers: { id: number; caption: string; isPaused: boolean }[] }>(
    'GET',
    '/v1/providers',
  );
  const seeded = providers.filter(({ caption }) => caption.endsWith('(seed)'));
  expect(seeded.map(({ isPaused }) => isPaused)).toEqual([true, true, true, true]);
  const { keys } = await api.ask<{ keys: { name: string; revokedAt: string | null }[] }>('GET', '/v1/keys');
  const left = keys.filter(({ name, revokedAt }) => name.endsWith('-production') && revokedAt === null);
  expect(left).toEqual([]);

  // Other mail still goes to the inbox.
  const id = await api.send({ from: 'a@shop.example', to: 'b@example.net', subject: 'Mine', text: 'x' });
  const { attempts } = await api.reach(id, 'delivered');
  const inbox = providers.find(one => one.caption.startsWith('Inbox'));
  expect(attempts.map(({ provider }) => provider)).toEqual([inbox?.id]);
});

test('npm run seed refuses a gate with a provider that could send mail to a real server', async () => {
  const { gate } = await start({ smarthost: '127.0.0.1:9' });
  const { code, stderr } = await seed('--url', gate.http, '--key', gate.adminToken, '--smtp', gate.smtp);
  expect(stderr).toMatch(/^seed: The provider .+ could get mail of the seed\. Disable it/);
  expect(code).toBe(1);
});

test('npm run seed without a running gate names the command that starts one', async () => {
  const data = mkdtempSync(join(tmpdir(), 'postern-seed-'));
  onTestFinished(() => rmSync(data, { recursive: true }));
  const { code, stderr } = await seed('--data', data);
  expect(stderr).toBe(
    `seed: No gate runs in the data folder ${data}. Start one with: npm run dev -- --data ${data}\n`,
  );
  expect(code).toBe(1);
});

test('npm run seed -- --days refuses a data folder where a gate has run', async () => {
  const { gate } = await start();
  const { code, stderr } = await seed('--days', '3', '--data', gate.data);
  expect(stderr).toContain(`A gate has run in the data folder ${gate.data}.`);
  expect(code).toBe(1);
});

test.each([
  ['--messages', '0'],
  ['--messages', 'many'],
  ['--days', '61'],
])('npm run seed -- %s %s prints the usage', async (...args) => {
  const { code, stdout } = await seed(...args);
  expect(stdout).toContain('npm run seed -- [--messages N]');
  expect(code).toBe(2);
});
