import { createServer, type Server } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { type AdminGate, startAdminGate } from '../helpers/gates/admin-gate.ts';
import { type SinkOptions, type SmtpSink, startSmtpSink } from '../helpers/mail-servers/smtp-sink.ts';
import { createTestCa } from '../helpers/mail-servers/test-ca.ts';

const ROOT = '/api/v2/mail/providers';
const SAMPLE = {
  driver: 'smtp',
  host: 'host.example.com',
  port: 25,
  username: 'User',
  password: 'Password',
  sendFrom: 'user@example.com',
  sendFromName: 'Company name',
  encryption: 'ssl',
  isEnabled: 1,
  caption: 'My SMTP connection',
};

interface Shown {
  readonly id: number;
  readonly [field: string]: unknown;
}

const sinks: SmtpSink[] = [];
afterEach(async () => {
  await Promise.all(sinks.splice(0).map(sink => sink.close()));
});

async function startSink(options: SinkOptions = {}): Promise<SmtpSink> {
  const sink = await startSmtpSink(options);
  sinks.push(sink);
  return sink;
}

const create = (gate: AdminGate, fields: object = {}) =>
  gate.api.ask<Shown>('POST', ROOT, { ...SAMPLE, ...fields });
const list = (gate: AdminGate, query = '') => gate.api.ask<Shown[]>('GET', ROOT + query);

describe('the providers API on a real store', () => {
  it('makes, shows, changes and removes a provider', async () => {
    const gate = await startAdminGate();
    const made = await gate.api.call('POST', ROOT, SAMPLE);
    expect(made.status).toBe(201);
    const { password: _, ...shown } = { ...SAMPLE, isEnabled: true };
    const provider = JSON.parse(made.text) as Shown;
    expect(provider).toMatchObject({ ...shown, id: 1, updateTime: null, kind: 'smtp', priority: 10 });
    expect(provider['createTime']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/);
    expect(await gate.api.ask('GET', `${ROOT}/1`)).toEqual(provider);
    expect(await list(gate)).toEqual([provider]);
    const changed = await gate.api.ask<Shown>('PATCH', `${ROOT}/1`, { host: '192.0.2.1', port: '2525' });
    expect(changed).toEqual({
      ...provider,
      ...{ host: '192.0.2.1', port: 2525, updateTime: expect.stringMatching(/\+00:00$/) },
    });
    const removed = await gate.api.call('DELETE', `${ROOT}/1`);
    expect([removed.status, removed.text]).toEqual([204, '']);
    expect(await list(gate)).toEqual([]);
    expect((await gate.api.call('GET', `${ROOT}/1`)).status).toBe(404);
  });

  it('answers DELETE with 204 always: of the only one, and of one that is gone', async () => {
    const gate = await startAdminGate();
    await create(gate);
    for (const id of [1, 1, 99]) expect((await gate.api.call('DELETE', `${ROOT}/${id}`)).status).toBe(204);
    expect((await gate.api.call('DELETE', '/v1/providers/99')).status).toBe(404);
  });

  it("keeps Postern's own settings, and has defaults for all of them", async () => {
    const gate = await startAdminGate();
    const own = {
      ...{ priority: 3, weight: 4, senderDomains: ['shop.example'], maxConnections: 6 },
      ...{ maxPerSecond: 5, maxPerMinute: 6, maxPerHour: 7, maxPerDay: 8, maxRecipientsPerMessage: 9 },
      ...{ caPem: createTestCa().cert, kind: 'smtp' },
    };
    expect(await create(gate, own)).toMatchObject({ ...own, directory: null });
    const none = { maxPerSecond: null, maxPerMinute: null, maxPerHour: null, maxPerDay: null };
    expect(await gate.api.ask('PATCH', `${ROOT}/1`, { ...none, caPem: null })).toMatchObject({
      ...{ ...own, ...none, caPem: null },
    });
    expect(await create(gate)).toMatchObject({
      ...{ ...none, caPem: null, priority: 10, weight: expect.any(Number), senderDomains: [] },
      ...{ maxConnections: 20, maxRecipientsPerMessage: 100, kind: 'smtp', directory: null },
    });
  });

  it('makes and changes a pickup directory, also by the object as it was read', async () => {
    const gate = await startAdminGate();
    const body = { kind: 'pickup', directory: '/var/pickup', isEnabled: true };
    const made = await gate.api.ask<Shown>('POST', ROOT, body);
    expect(made).toMatchObject({ driver: 'smtp', kind: 'pickup', directory: '/var/pickup', host: '' });
    const back = await gate.api.ask<Shown>('PUT', `${ROOT}/1`, { ...made, caption: 'Files' });
    expect(back).toMatchObject({ ...made, caption: 'Files', updateTime: expect.any(String) });
  });

  it('changes a provider by the object as it was read, with the mask for a password', async () => {
    const gate = await startAdminGate();
    const made = await create(gate, { maxPerHour: 7 });
    const back = await gate.api.ask<Shown>('PUT', `${ROOT}/1`, { ...made, password: '********' });
    expect(back).toMatchObject({ ...made, updateTime: expect.any(String) });
  });

  it('pages, sorts and filters, and says how many there are', async () => {
    const gate = await startAdminGate();
    for (const port of [3, 1, 2]) await create(gate, { port, isEnabled: port !== 1 });
    const ids = async (query: string) => (await list(gate, query)).map(({ id }) => id);
    expect(await ids('?limit=10&offset=0')).toEqual([1, 2, 3]);
    expect(await ids('?limit=1&offset=1')).toEqual([2]);
    expect(await ids('?offset=3')).toEqual([]);
    expect(await ids('?sort_by=port&sort_order=desc')).toEqual([1, 3, 2]);
    expect(await ids('?filter[isEnabled]=0')).toEqual([2]);
    const page = await gate.api.call('GET', `${ROOT}?limit=1&filter[isEnabled]=1`);
    expect(page.headers.get('x-total-count')).toBe('2');
    for (const query of ['limit=0', 'limit=101', 'limit=x', 'offset=-1', 'sort_by=password']) {
      const refused = await gate.api.call('GET', `${ROOT}?${query}`);
      expect([query, refused.status]).toEqual([query, 400]);
      expect(Object.keys(JSON.parse(refused.text).errors)).toEqual([query.split('=')[0]]);
    }
  });

  it('shows 20 at first, and 100 at most', async () => {
    const gate = await startAdminGate();
    for (let i = 0; i < 101; i++) await create(gate);
    expect(await list(gate)).toHaveLength(20);
    expect(await list(gate, '?limit=100')).toHaveLength(100);
    expect(await list(gate, '?limit=100&offset=100')).toHaveLength(1);
  });

  it('does not disable the only configured provider, and any other', async () => {
    const gate = await startAdminGate();
    await create(gate);
    const refused = await gate.api.call('PATCH', `${ROOT}/1`, { isEnabled: 0 });
    expect(refused.status).toBe(409);
    expect(JSON.parse(refused.text)).toEqual({
      message: expect.stringContaining('only provider'),
      errors: { isEnabled: [expect.stringContaining('only provider')] },
    });
    await create(gate);
    expect(await gate.api.ask('PATCH', `${ROOT}/1`, { isEnabled: '0' })).toMatchObject({ isEnabled: false });
  });

  it('refuses clear text where the configuration does not allow it, and takes it where it does', async () => {
    const gate = await startAdminGate();
    const refused = await gate.api.call('POST', ROOT, { ...SAMPLE, encryption: 'none' });
    expect(refused.status).toBe(400);
    expect(Object.keys(JSON.parse(refused.text).errors)).toEqual(['encryption']);
    expect(await create(gate, { host: '127.0.0.1', encryption: 'none' })).toMatchObject({
      encryption: 'none',
    });
  });

  it('never returns a password, nor keeps it in clear', async () => {
    const gate = await startAdminGate();
    const texts: string[] = [];
    const say = async (method: string, path: string, body?: object) => {
      texts.push((await gate.api.call(method, path, body)).text);
    };
    const secret = { ...SAMPLE, username: 'canary-user', password: 'canary-password' };
    await say('POST', ROOT, secret);
    await say('PATCH', `${ROOT}/1`, secret);
    await say('GET', ROOT);
    await say('GET', `${ROOT}/1`);
    await say('GET', `${ROOT}/1/status`);
    await say('GET', '/v1/providers');
    await say('POST', ROOT, { ...secret, port: 0 });
    await say('POST', ROOT, { ...secret, password: 'canary-password\n' });
    await say('POST', ROOT, { ...secret, encryption: 'none' });
    expect(texts).toHaveLength(9);
    expect(texts.join()).toContain('canary-user');
    expect(texts.join()).not.toContain('canary-password');
    expect(JSON.stringify(await gate.store.registry.list('provider'))).not.toContain('canary-password');
  });

  it('checks the credential before anything else', async () => {
    const gate = await startAdminGate();
    const calls = [
      ['GET', `${ROOT}?limit=0`],
      ['POST', ROOT],
      ['GET', `${ROOT}/x`],
      ['GET', `${ROOT}/1/status`],
      ['PATCH', `${ROOT}/1`],
      ['PUT', `${ROOT}/1`],
      ['DELETE', `${ROOT}/1`],
    ] as const;
    const sender = await gate.newKey('shop');
    for (const [key, status] of [
      [undefined, 401],
      ['wrong', 401],
      [sender, 403],
    ] as const) {
      for (const [method, path] of calls) {
        const answer = await gate.as(key).call(method, path, method === 'GET' ? undefined : '{');
        expect([method, path, answer.status]).toEqual([method, path, status]);
        expect(JSON.parse(answer.text)).toEqual({ message: expect.any(String), errors: {} });
      }
    }
    expect((await gate.as(await gate.newKey('boss', ['manage'])).call('GET', ROOT)).status).toBe(200);
  });

  it('answers other methods and sub-paths in its own words', async () => {
    const gate = await startAdminGate();
    for (const [method, path, status] of [
      ['PATCH', ROOT, 405],
      ['DELETE', ROOT, 405],
      ['POST', `${ROOT}/1`, 405],
      ['POST', `${ROOT}/1/status`, 405],
      ['GET', `${ROOT}/`, 404],
      ['GET', `${ROOT}/1/`, 404],
      ['GET', `${ROOT}/1/messages`, 404],
      ['GET', `${ROOT}/7`, 404],
      ['GET', `${ROOT}/-1`, 404],
      ['GET', `${ROOT}/1.5`, 404],
      ['GET', `${ROOT}/7/status`, 404],
      ['PATCH', `${ROOT}/7`, 404],
    ] as const) {
      const answer = await gate.api.call(method, path, method === 'GET' ? undefined : '{}');
      expect([method, path, answer.status]).toEqual([method, path, status]);
      expect(JSON.parse(answer.text)).toEqual({ message: expect.any(String), errors: {} });
      expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    }
  });
});

describe('GET /{id}/status', () => {
  const ca = createTestCa();
  const certificate = ca.issue(['127.0.0.1']);
  const users = { User: 'Password' };
  const starttls = { mode: 'starttls', certificate } as const;
  const secured = { encryption: 'tls', caPem: ca.cert };
  const clear = { encryption: 'none', username: '', password: '' };

  async function check(gate: AdminGate, fields: object) {
    const { id } = await create(gate, { host: '127.0.0.1', ...fields });
    const { status, text } = await gate.api.call('GET', `${ROOT}/${id}/status`);
    return { status, body: text === '' ? '' : JSON.parse(text) };
  }

  it.each([
    ['STARTTLS', starttls, secured],
    ['implicit TLS', { mode: 'implicit', certificate } as const, { ...secured, encryption: 'ssl' }],
  ])('has no response body for valid settings with %s, and sends no mail', async (_name, tls, fields) => {
    const gate = await startAdminGate();
    const sink = await startSink({ tls, users });
    expect(await check(gate, { ...fields, port: sink.port })).toEqual({ status: 204, body: '' });
    const verbs = sink.sessions[0]?.commands.map(command => command.split(' ')[0]);
    expect(verbs?.filter(verb => verb !== 'STARTTLS' && verb !== 'EHLO')).toEqual(['AUTH', 'NOOP', 'QUIT']);
    expect(sink.messages).toEqual([]);
  });

  it('has none either for a server without AUTH', async () => {
    const gate = await startAdminGate();
    const sink = await startSink();
    expect(await check(gate, { ...clear, port: sink.port })).toEqual({ status: 204, body: '' });
    expect(sink.sessions[0]?.commands.map(command => command.split(' ')[0])).toEqual([
      'EHLO',
      'NOOP',
      'QUIT',
    ]);
  });

  it.each<[string, SinkOptions, object]>([
    ['greeting', { answer: ({ stage }) => (stage === 'connect' ? '554 5.7.1 go away' : undefined) }, clear],
    ['tls', { users }, secured],
    ['tls', { tls: starttls, users }, { encryption: 'tls' }],
    ['tls', { tls: { mode: 'starttls', certificate: ca.issue(['other.test']) }, users }, secured],
    ['ehlo', { answer: ({ stage }) => (stage === 'ehlo' ? '421 4.3.2 busy' : undefined) }, clear],
    ['auth', { tls: starttls, users: { User: 'Other' } }, secured],
    ['noop', { answer: ({ stage }) => (stage === 'noop' ? '502 5.5.1 no' : undefined) }, clear],
  ])('names the stage that failed: %s', async (stage, options, fields) => {
    const gate = await startAdminGate();
    const sink = await startSink(options);
    const { status, body } = await check(gate, { ...fields, port: sink.port });
    expect([status, body]).toEqual([400, { message: expect.stringMatching(/^[A-Z].*\.$/), stage }]);
    expect(JSON.stringify(body)).not.toMatch(/Password|UGFzc3dvcmQ/);
    expect(sink.messages).toEqual([]);
  });

  it('names the stage that failed: connect', async () => {
    const gate = await startAdminGate();
    const sink = await startSmtpSink();
    await sink.close();
    const { status, body } = await check(gate, { ...clear, port: sink.port });
    expect([status, body.stage]).toEqual([400, 'connect']);
  });

  it('names the stage that failed: dns', async () => {
    const gate = await startAdminGate();
    const { status, body } = await check(gate, { host: 'no-such-host.invalid', encryption: 'tls' });
    expect([status, body.stage]).toEqual([400, 'dns']);
  });

  it('ends after 10 s with a server that never says anything', async () => {
    const gate = await startAdminGate();
    const silent = await startSilentServer();
    const startedAt = performance.now();
    // Its timers are ours: one of 10 s ends before one of 20 s, however busy the machine is.
    const tooLong = setTimeout(20_000, { status: 0, body: { stage: 'none' } }, { ref: false });
    const { status, body } = await Promise.race([check(gate, { ...clear, port: silent }), tooLong]);
    expect([status, body.stage]).toEqual([400, 'greeting']);
    expect(performance.now() - startedAt).toBeGreaterThan(5_000);
  });

  it('goes by a change at once', async () => {
    const gate = await startAdminGate();
    const sink = await startSink({ tls: starttls, users });
    const { id } = await create(gate, { ...secured, host: '127.0.0.1', port: sink.port, password: 'wrong' });
    const status = async () => (await gate.api.call('GET', `${ROOT}/${id}/status`)).status;
    expect(await status()).toBe(400);
    await gate.api.ask('PATCH', `${ROOT}/${id}`, { password: 'Password' });
    expect(await status()).toBe(204);
    await gate.api.ask('PATCH', `${ROOT}/${id}`, { caption: 'kept', password: '********' });
    expect(await status()).toBe(204);
    await gate.api.ask('PATCH', `${ROOT}/${id}`, { username: 'Nobody' });
    expect(await status()).toBe(400);
  });

  it('still opens every password after the sealing key was rotated', async () => {
    const gate = await startAdminGate();
    const sink = await startSink({ tls: starttls, users });
    const { id } = await create(gate, { ...secured, host: '127.0.0.1', port: sink.port });
    const { secrets } = await gate.api.ask<{ secrets: number }>('POST', '/v1/secret/rotate');
    expect(secrets).toBe(1);
    expect((await gate.api.call('GET', `${ROOT}/${id}/status`)).status).toBe(204);
  });
});

/** A server that takes connections and says nothing. */
async function startSilentServer(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const server: Server = createServer(socket => {
    socket.on('error', () => {});
    onTestFinished(() => void socket.destroy());
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (address !== null && typeof address === 'object') resolve(address.port);
  });
  onTestFinished(() => void server.close());
  return promise;
}
