import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type AdminGate, startAdminGate } from '../helpers/gates/admin-gate.ts';

const run = promisify(execFile);

/** The body of the published samples, byte for byte. */
const BODY = `{
  "driver": "smtp",
  "host": "host.example.com",
  "port": 25,
  "username": "User",
  "password": "Password",
  "sendFrom": "user@example.com",
  "sendFromName": "Company name",
  "encryption": "ssl",
  "isEnabled": 1,
  "caption": "My SMTP connection"
}`;
const SHOWN = {
  ...{ id: 1, driver: 'smtp', host: 'host.example.com', port: 25, username: 'User', encryption: 'ssl' },
  ...{ sendFrom: 'user@example.com', sendFromName: 'Company name', isEnabled: true },
  caption: 'My SMTP connection',
};

/** curl as the published samples call it, but for the host and the token. */
async function curl(
  { http, token }: { http: string; token: string },
  method: string,
  path: string,
  ...more: string[]
) {
  const { stdout } = await run('curl', [
    ...['--silent', '--max-time', '15', '--write-out', '\n%{http_code}'],
    ...['--location', '--request', method, `${http}/api/v2/mail/providers${path}`],
    ...['--header', `Authorization: Bearer ${token}`, ...more],
  ]);
  const end = stdout.lastIndexOf('\n');
  const body = stdout.slice(0, end);
  return { status: Number(stdout.slice(end + 1)), body: body === '' ? '' : JSON.parse(body) };
}

async function start(): Promise<{ gate: AdminGate; at: { http: string; token: string } }> {
  const gate = await startAdminGate();
  const token = await gate.newKey('back-office', ['manage']);
  return { gate, at: { http: gate.http, token } };
}

describe('the published samples of the providers API', () => {
  it('all work as they are, with the real curl', async () => {
    const { at } = await start();
    const created = await curl(at, 'POST', '', '--data-raw', BODY);
    expect(created).toEqual({ status: 201, body: expect.objectContaining(SHOWN) });
    const listed = await curl(at, 'GET', '?limit=10&offset=0', '--header', 'accept-language: ja');
    expect(listed).toEqual({ status: 200, body: [created.body] });
    expect(await curl(at, 'GET', '/1')).toEqual({ status: 200, body: created.body });
    const changed = await curl(at, 'PATCH', '/1', '--data-raw', BODY);
    expect(changed).toEqual({ status: 200, body: { ...created.body, updateTime: expect.any(String) } });
    expect(await curl(at, 'DELETE', '/1')).toEqual({ status: 204, body: '' });
  });

  it('show the create call as a GET with a body: that stays a list', async () => {
    const { at } = await start();
    expect(await curl(at, 'GET', '', '--data-raw', BODY)).toEqual({ status: 200, body: [] });
  });

  it('ask for the status of a provider, which says at which stage it failed', async () => {
    const { at } = await start();
    const body = BODY.replace('host.example.com', 'no-such-host.invalid');
    await curl(at, 'POST', '', '--data-raw', body);
    expect(await curl(at, 'GET', '/1/status')).toEqual({
      status: 400,
      body: { message: expect.any(String), stage: 'dns' },
    });
  });
});
