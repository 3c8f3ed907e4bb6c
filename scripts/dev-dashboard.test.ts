import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { apiOf } from '../test/helpers/gates/api.ts';
import { startGate, until } from '../test/helpers/gates/gate.ts';
import { freePort } from '../test/helpers/mail-servers/mail-server.ts';
import { startProgram } from '../test/helpers/programs/program.ts';
import { root } from './tool.ts';

/** Starts `npm run dev:dashboard` with a new gate. */
async function startDevServer() {
  const gate = await startGate();
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const [, ...command] = String(scripts['dev:dashboard']).split(' ');
  const port = await freePort();
  const { child, end, stdout } = startProgram(process.execPath, [...command, '--port', String(port)], {
    cwd: root,
    env: { POSTERN_URL: gate.http, NO_COLOR: '1' },
  });
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await end;
    await gate.stop();
  });
  await until(() => stdout().includes('Local:'), 'the development server to listen');
  return `http://127.0.0.1:${port}`;
}

test('npm run dev:dashboard serves the sources of the dashboard and forwards its API calls to the gate', async () => {
  const url = await startDevServer();
  const { call } = apiOf({ http: url });

  expect((await call('GET', '/')).text).toContain('/@vite/client');
  expect((await call('GET', '/src/app.tsx')).text).toContain('import.meta.hot');
  expect((await call('GET', '/docs')).headers.get('content-type')).toContain('text/html');

  // A browser sends these headers with requests of a page from this origin.
  const page = { origin: url, 'sec-fetch-site': 'same-origin' };
  const signedIn = await call('GET', '/v1/session', undefined, { 'sec-fetch-site': 'same-origin' });
  const { session } = JSON.parse(signedIn.text);
  expect(session.kind).toBe('development');
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';

  const key = { name: 'of the page', scopes: ['read'] };
  const refused = await call('POST', '/v1/keys', key, { ...page, cookie });
  expect(refused.status).toBe(403);
  const made = await call('POST', '/v1/keys', key, { ...page, cookie, 'x-csrf-token': session.csrf });
  expect(made.status).toBe(201);

  expect(await firstBytes(`${url}/v1/overview/stream`, { cookie })).toContain('event: overview');
});

/** The first chunk of a response that may never end. */
async function firstBytes(url: string, headers: Readonly<Record<string, string>>): Promise<string> {
  const leave = new AbortController();
  const { body } = await fetch(url, { headers, signal: leave.signal });
  const { value } = (await body?.getReader().read()) ?? {};
  leave.abort();
  return Buffer.from(value ?? []).toString();
}
