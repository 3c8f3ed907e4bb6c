import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT, type RunningGate, startGate, until } from '../helpers/gate.ts';

// The samples of the README are run as printed, but for addresses: the gate of a test listens on a free port, and no
// test may reach for a host that is not this machine.

const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const SAMPLES = [...README.matchAll(/```sh\n([\s\S]*?)```/g)].map(match => match[1] ?? '');

function sample(part: string): string {
  const found = SAMPLES.filter(text => text.includes(part));
  if (found.length !== 1) throw new Error(`${found.length} samples of the README hold ${part}`);
  return found[0] ?? '';
}

async function run(script: string, cwd: string, env: Record<string, string> = {}): Promise<string> {
  const child = spawn('bash', ['-euo', 'pipefail', '-c', script], { cwd, env: { ...process.env, ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', text => (output += text));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`exit ${code}:\n${output}`);
  return output;
}

test('every file that a document names is there', () => {
  const documents = readdirSync(ROOT).filter(file => file.endsWith('.md'));
  const named = documents.flatMap(document => {
    const text = readFileSync(join(ROOT, document), 'utf8');
    const paths = [
      ...text.matchAll(/`((?:src|test|scripts|docs|bench|bin|\.ci)\/[\w./-]+)`|\]\(([\w./-]+)\)/g),
    ];
    return paths.map(match => match[1] ?? match[2] ?? '');
  });
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter(path => !existsSync(join(ROOT, path)))).toEqual([]);
});

test('the README has the two commands', () => {
  expect(sample('npm start')).toBe('npm ci && npm start\n');
  expect(sample('npm test')).toBe('npm ci && npm test\n');
});

describe('the samples for development mode', () => {
  let gate: RunningGate;
  beforeAll(async () => {
    gate = await startGate();
  });
  afterAll(() => gate.stop());

  function runHere(script: string): Promise<string> {
    const here = script
      .replaceAll('http://127.0.0.1:8000', gate.http)
      .replaceAll('smtp://127.0.0.1:8025', `smtp://${gate.smtp}`);
    return run(here, gate.data, { POSTERN_KEY: gate.key });
  }

  const reachInbox = (subject: string) =>
    until(
      async () => (await runHere(sample('/inbox\n'))).includes(`"subject":"${subject}"`),
      'the message to be in the inbox',
    );

  test('send over the PowerMTA Email API, and show the message in the inbox', async () => {
    await runHere(sample('/messages -d'));
    await reachInbox('Test');
  });

  test('send over /v1', async () => {
    expect(await runHere(sample('/v1/messages -H'))).toMatch(/"id":\s*"[0-9a-z]{13}"/);
    await reachInbox('Your order 1001');
  });

  test('send by SMTP', async () => {
    await runHere(sample('smtp://127.0.0.1:8025'));
    await reachInbox('By SMTP');
  });
});

describe('the samples for production', () => {
  let folder: string;
  let port: number;
  let server: ReturnType<typeof spawn>;

  const here = (script: string) =>
    script
      .replaceAll('port: 8000', `port: ${port}`)
      .replaceAll('port: 8025', 'port: 0')
      .replaceAll('smtp.example.com', 'localhost');

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'postern-readme-'));
    symlinkSync(join(ROOT, 'bin'), join(folder, 'bin'));
    port = await freePort();
    const [config = '', start = ''] = here(sample('serve --config')).split('YAML\nbin/');
    await run(`${config}YAML\n`, folder);
    server = spawn('bash', ['-c', `exec bin/${start.replace(' &', '')}`], { cwd: folder, stdio: 'ignore' });
    await until(() => isReady(port), 'the gate to be ready');
  });

  afterAll(async () => {
    const ended = once(server, 'exit');
    server.kill('SIGTERM');
    expect((await ended)[0]).toBe(0);
    rmSync(folder, { recursive: true, force: true });
  });

  test('add a provider, make a key, send, and list', async () => {
    const output = await run(here(sample('provider add')), folder);
    expect(output).toMatch(/pk_\d+_\w{27}/);
    expect(output).toContain('ada@example.net');
    expect(output).not.toContain('the password');
  });
});

async function isReady(port: number): Promise<boolean> {
  const reply = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
  return reply?.status === 200;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
