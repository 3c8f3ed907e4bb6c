import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signIn, signInAs } from '../../helpers/browsers/browser-session.ts';
import { type Api, apiOf } from '../../helpers/gates/api.ts';
import { postern } from '../../helpers/gates/cli.ts';
import { type RunningGate, startGate } from '../../helpers/gates/gate.ts';
import { type ServedGate, startServe } from '../../helpers/gates/serve.ts';

const PASSWORD = 'correct horse battery';

describe('sign-in', () => {
  let gate: ServedGate;
  let admin: Api;
  beforeAll(async () => {
    // As in production: a browser on this machine is not signed in automatically.
    gate = await startServe({ settings: { development: 'false' } });
    admin = apiOf(gate, gate.adminToken);
    for (const role of ['operator', 'viewer']) {
      await admin.ask('POST', '/v1/users', { name: role, role, password: PASSWORD });
    }
  });
  afterAll(() => gate.stop());

  it('accepts the operator token and sets an HttpOnly, SameSite=Strict cookie', async () => {
    const answer = await apiOf(gate).call('POST', '/v1/session', { token: gate.adminToken });
    expect(answer.status).toBe(201);
    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^postern_session=ps_\d+_\w{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(JSON.parse(answer.text)).toMatchObject({
      session: { name: 'operator', kind: 'key', role: 'admin' },
      development: false,
    });
    expect(answer.text).not.toContain('ps_');
  });

  it('returns no session to a browser without a cookie', async () => {
    const answer = await apiOf(gate).call('GET', '/v1/session');
    expect([answer.status, JSON.parse(answer.text), answer.headers.get('set-cookie')]).toEqual([
      ...[200, { session: null, development: false }, null],
    ]);
  });

  it('refuses wrong tokens, users and passwords, with the same message for user and password', async () => {
    const messages = [];
    for (const body of [
      { token: 'pk_0_wrong' },
      { user: 'viewer', password: 'wrong' },
      { user: 'nobody', password: PASSWORD },
    ]) {
      const { status, text } = await apiOf(gate).call('POST', '/v1/session', body);
      expect(status).toBe(401);
      messages.push(JSON.parse(text).error.message);
    }
    expect(messages[2]).toBe(messages[1]);
  });

  it('refuses a key without the scope manage', async () => {
    const { secret } = await admin.ask<{ secret: string }>('POST', '/v1/keys', {
      ...{ name: 'reader', scopes: ['send', 'read'] },
    });
    expect((await apiOf(gate).call('POST', '/v1/session', { token: secret })).status).toBe(403);
  });

  it('requires the CSRF token for every change', async () => {
    const { cookie, ask, csrf } = await signIn(gate, { token: gate.adminToken });
    expect(await ask('GET', '/v1/users')).toMatchObject({ status: 200 });
    const body = { name: 'new', role: 'viewer', password: PASSWORD };
    for (const wrong of [{}, { 'x-csrf-token': '' }, { 'x-csrf-token': `${csrf.slice(0, -1)}!` }]) {
      const answer = await apiOf(gate).call('POST', '/v1/users', body, { cookie, ...wrong });
      expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([403, 'forbidden']);
    }
    expect(await ask('POST', '/v1/users', body)).toMatchObject({ status: 201 });
  });

  it('lets a viewer read everything, and an operator also act on messages, but not change the configuration', async () => {
    const id = await admin.send({ from: 'a@shop.test', to: 'b@example.com', text: 'x' });
    const calls = [
      ['GET', '/v1/messages', 200, 200],
      ['GET', `/v1/messages/${id}`, 200, 200],
      ['GET', '/v1/providers', 200, 200],
      ['GET', '/v1/accounts', 200, 200],
      ['GET', '/v1/keys', 200, 200],
      ['GET', '/v1/users', 403, 403],
      ['POST', '/v1/providers', 403, 403],
      ['POST', '/v1/keys', 403, 403],
      ['POST', `/v1/messages/${id}/cancel`, 403, 200],
      ['POST', '/v1/messages', 403, 400],
    ] as const;
    const viewer = await signInAs(gate, 'viewer', PASSWORD);
    const operator = await signInAs(gate, 'operator', PASSWORD);
    for (const [method, path, ofViewer, ofOperator] of calls) {
      const answers = [await viewer.ask(method, path), await operator.ask(method, path)];
      expect([path, ...answers.map(({ status }) => status)]).toEqual([path, ofViewer, ofOperator]);
    }
  });

  it('ends the session at sign-out, and when its key is revoked', async () => {
    const first = await signIn(gate, { token: gate.adminToken });
    expect(await first.ask('DELETE', '/v1/session')).toMatchObject({ status: 204 });
    expect(await first.ask('GET', '/v1/users')).toMatchObject({ status: 401 });
    const { id, secret } = await admin.ask<{ id: number; secret: string }>('POST', '/v1/keys', {
      ...{ name: 'boss', scopes: ['manage'] },
    });
    const second = await signIn(gate, { token: secret });
    expect(await second.ask('GET', '/v1/messages')).toMatchObject({ status: 200 });
    await admin.ask('DELETE', `/v1/keys/${id}`);
    expect(await second.ask('GET', '/v1/messages')).toMatchObject({ status: 401 });
  });

  it('ends the session when the password changes or the user is disabled or removed, and applies a new role immediately', async () => {
    await admin.ask('POST', '/v1/users', { name: 'boss', role: 'admin', password: PASSWORD });
    const { id } = await admin.ask<{ id: number }>('POST', '/v1/users', {
      ...{ name: 'eve', role: 'admin', password: PASSWORD },
    });
    const path = `/v1/users/${id}`;
    const eve = await signInAs(gate, 'eve', PASSWORD);
    await admin.ask('PATCH', path, { role: 'viewer' });
    expect(await eve.ask('GET', '/v1/users')).toMatchObject({ status: 403 });
    await admin.ask('PATCH', path, { password: 'another password' });
    expect(await eve.ask('GET', '/v1/messages')).toMatchObject({ status: 401 });
    const again = await signInAs(gate, 'eve', 'another password');
    await admin.ask('PATCH', path, { isEnabled: false });
    expect(await again.ask('GET', '/v1/messages')).toMatchObject({ status: 401 });
    await admin.ask('PATCH', path, { isEnabled: true });
    const last = await signInAs(gate, 'eve', 'another password');
    await admin.ask('DELETE', path);
    expect(await last.ask('GET', '/v1/messages')).toMatchObject({ status: 401 });
  });

  it('ends all sessions of a user at the request of an administrator, and the user can sign in again', async () => {
    const { id } = await admin.ask<{ id: number }>('POST', '/v1/users', {
      ...{ name: 'sam', role: 'viewer', password: PASSWORD },
    });
    const [phone, laptop] = [await signInAs(gate, 'sam', PASSWORD), await signInAs(gate, 'sam', PASSWORD)];
    await admin.ask('DELETE', `/v1/users/${id}/sessions`);
    for (const session of [phone, laptop]) {
      expect(await session.ask('GET', '/v1/messages')).toMatchObject({ status: 401 });
    }
    const again = await signInAs(gate, 'sam', PASSWORD);
    expect(await again.ask('GET', '/v1/messages')).toMatchObject({ status: 200 });
    const { entries } = await admin.ask<{ entries: object[] }>('GET', '/v1/audit?kind=user&limit=1');
    expect(entries).toMatchObject([{ by: 'operator', name: 'sam', changes: { sessions: [null, 'ended'] } }]);
    expect((await admin.call('DELETE', '/v1/users/99/sessions')).status).toBe(404);
    await admin.ask('DELETE', `/v1/users/${id}`);
  });

  it('refuses to remove, disable or demote the last administrator', async () => {
    const { users } = await admin.ask<{ users: { id: number; name: string; role: string }[] }>(
      ...(['GET', '/v1/users'] as const),
    );
    const admins = users.filter(({ role }) => role === 'admin');
    const { id } = await admin.ask<{ id: number }>('POST', '/v1/users', {
      ...{ name: 'lone', role: 'admin', password: PASSWORD },
    });
    for (const other of admins) await admin.ask('DELETE', `/v1/users/${other.id}`);
    const path = `/v1/users/${id}`;
    const refused = [
      await admin.call('DELETE', path),
      await admin.call('PATCH', path, { isEnabled: false }),
      await admin.call('PATCH', path, { role: 'viewer' }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([409, 409, 409]);
    expect(refused[0]?.text).toContain('\\"lone\\" is the last administrator');
    await admin.ask('PATCH', path, { password: 'another password' });
  });

  it('returns no hash, and refuses short passwords and existing names', async () => {
    const { status, text } = await admin.call('GET', '/v1/users');
    expect([status, text.includes('scrypt'), text.includes('sessionsSince')]).toEqual([200, false, false]);
    const short = await admin.call('POST', '/v1/users', { name: 'x', role: 'viewer', password: 'short' });
    expect([short.status, JSON.parse(short.text).error.message]).toEqual([
      400,
      'password must be 10 to 256 characters.',
    ]);
    const taken = { name: 'viewer', role: 'admin', password: PASSWORD };
    expect((await admin.call('POST', '/v1/users', taken)).status).toBe(409);
    expect((await admin.call('PATCH', '/v1/users/99', {})).status).toBe(404);
    expect((await admin.call('DELETE', '/v1/users/99')).status).toBe(404);
  });

  it('postern user adds, lists and removes users', async () => {
    const run = async (...args: string[]) => (await postern(['user', ...args, '--data', gate.data])).stdout;
    const added = await run('add', 'carol', '--role', 'viewer');
    expect(added).toMatch(/^User \d+ \(carol, viewer\) added\. Store the password now/);
    const carol = await signInAs(gate, 'carol', added.trim().split('\n').at(-1) ?? '');
    expect(await carol.ask('GET', '/v1/messages')).toMatchObject({ status: 200 });
    expect(await run('list')).toMatch(/carol +viewer +yes/);
    expect(await run('remove', 'carol')).toMatch(/\(carol\) removed/);
    expect(await carol.ask('GET', '/v1/messages')).toMatchObject({ status: 401 });
    const chosen = { env: { POSTERN_PASSWORD: PASSWORD } };
    const { stdout } = await postern(['user', 'add', 'dave', '--data', gate.data], chosen);
    expect(stdout).toMatch(/^User \d+ \(dave, admin\) added\.\n$/);
    await signInAs(gate, 'dave', PASSWORD);
  });

  it('answers 429 after too many wrong tokens, even to the right password', async () => {
    let last = 0;
    for (let i = 0; i < 60 && last !== 429; i++) {
      last = (await apiOf(gate).call('POST', '/v1/session', { token: 'pk_99_wrong' })).status;
    }
    const right = { user: 'viewer', password: PASSWORD };
    expect((await apiOf(gate).call('POST', '/v1/session', right)).status).toBe(429);
    // Keys and existing sessions still work.
    expect((await admin.call('GET', '/v1/users')).status).toBe(200);
  });
});

describe('development mode', () => {
  let gate: RunningGate;
  beforeAll(async () => {
    gate = await startGate();
  });
  afterAll(() => gate.stop());

  const getSession = (headers: Record<string, string>) =>
    apiOf(gate).call('GET', '/v1/session', undefined, headers);

  it('signs in a browser on the same machine', async () => {
    const answer = await getSession({ 'sec-fetch-site': 'same-origin' });
    expect(JSON.parse(answer.text)).toMatchObject({
      session: { name: 'development', kind: 'development', role: 'admin' },
      development: true,
    });
    const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    const again = await getSession({ cookie });
    expect(JSON.parse(again.text)).toEqual(JSON.parse(answer.text));
    expect(again.headers.get('set-cookie')).toBeNull();
    expect((await apiOf(gate).call('GET', '/v1/users', undefined, { cookie })).status).toBe(200);
  });

  it('signs in no page of another site, no other host name, and no client behind a proxy', async () => {
    for (const headers of [
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
      { 'x-forwarded-for': '203.0.113.7' },
    ]) {
      const answer = await getSession(headers as Record<string, string>);
      expect([JSON.parse(answer.text).session, answer.headers.get('set-cookie')]).toEqual([null, null]);
    }
  });
});

describe('a session', () => {
  it('is still valid after a restart of the gate', async () => {
    const first = await startServe({ settings: { development: 'false' } });
    const { cookie } = await signIn(first, { token: first.adminToken });
    const { data } = first;
    first.kill('SIGTERM');
    await first.ended;
    const second = await startServe({ data, settings: { development: 'false' } });
    try {
      expect((await apiOf(second).call('GET', '/v1/users', undefined, { cookie })).status).toBe(200);
    } finally {
      await second.stop();
    }
  });
});
