import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { apiOf } from '../../helpers/gates/api.ts';
import { type FullGate, newTempAddress, startFullGate } from '../../helpers/gates/five-apis.ts';
import { until } from '../../helpers/gates/gate.ts';
import { SENDING_APIS } from '../../helpers/gates/sending-apis.ts';
import { startServe } from '../../helpers/gates/serve.ts';
import { speakTo } from '../../helpers/mail-servers/smtp-speaker.ts';
import { type PostgresServer, startPostgres } from '../../helpers/stores/postgres-server.ts';

// What callers of every API, and who runs the gate, meet while its database is away.

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

async function newDatabase(name: string): Promise<string> {
  await server.createDatabase(name);
  return `${server.url(name)}?pool=6`;
}

describe('while the database is away', () => {
  let full: FullGate;
  let secondJwt: string;
  beforeAll(async () => {
    full = await startFullGate({ settings: { store: await newDatabase('away') } });
    await full.token();
    secondJwt = (await newTempAddress(full, 'second')).jwt;
    for (const api of SENDING_APIS) expect((await api.send(full, {})).status).toBeLessThan(300);
    await server.crash();
  });
  afterAll(async () => {
    await full.stop();
  });

  // /api/smtp goes straight to the server that its caller names, and needs no database for it.
  test.each(SENDING_APIS.filter(({ name }) => name !== 'SMTP Mailer'))(
    '$name answers 503 with Retry-After in its own words',
    async api => {
      const { status, headers, text } = await api.send(full, {});
      expect([status, headers.get('retry-after')]).toEqual([503, '5']);
      expect(headers.get('content-type')).toMatch(api.refusal.type);
      expect(text).toMatch(api.refusal.body);
    },
  );

  test.each([
    ['GET', '/v1/messages', undefined],
    ['POST', '/v1/providers', { host: '127.0.0.1', port: 25, encryption: 'none' }],
    ['GET', '/v1/accounts', undefined],
    ['POST', '/v1/keys', { account: 'default', name: 'x', scopes: ['send'] }],
  ])('%s %s answers 503 with Retry-After', async (method, path, body) => {
    const { status, headers } = await full.api.call(method, path, body);
    expect([status, headers.get('retry-after')]).toEqual([503, '5']);
  });

  test('an address of temp-mail is told so when it lists what it sent', async () => {
    const authorization = { authorization: `Bearer ${secondJwt}` };
    const answer = await apiOf(full.gate).call(
      'GET',
      '/api/sendbox?limit=10&offset=0',
      undefined,
      authorization,
    );
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  });

  test('SMTP answers 4xx, so that the client comes again', async () => {
    const [, port = ''] = full.gate.smtp.split(':');
    const client = await speakTo({ port: Number(port) });
    onTestFinished(() => client.cut());
    await client.reply();
    await client.ask('EHLO client.test');
    const plain = Buffer.from(`\0default\0${full.key}`).toString('base64');
    const replies = [await client.ask(`AUTH PLAIN ${plain}`)];
    if (replies[0]?.startsWith('2')) {
      for (const line of [
        'MAIL FROM:<a@sender.test>',
        'RCPT TO:<b@rcpt.test>',
        'DATA',
        'Subject: x\r\n\r\nx\r\n.',
      ])
        replies.push(await client.ask(line));
    }
    expect(replies.at(-1)).toMatch(/^4\d\d 4\.3\.0/);
  });

  test('and all is well after its return', async () => {
    await server.start();
    for (const api of SENDING_APIS)
      await until(async () => (await api.send(full, {})).status < 300, `${api.name} to accept`);
  });
});

describe('a gate', () => {
  test('that is started before its database waits for it, and says so', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'postern-late-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const log = join(folder, 'log');
    const store = await newDatabase('late');
    await server.crash();
    const starting = startServe({ settings: { store, 'log.file': log } });
    await until(() => existsSync(log) && readFileSync(log, 'utf8').includes('ECONNREFUSED'), 'it to wait');
    await server.start();
    const gate = await starting;
    expect((await apiOf(gate, gate.adminToken).call('GET', '/v1/providers')).status).toBe(200);
    await gate.stop();
    expect(readFileSync(log, 'utf8').match(/the store cannot be used/g)).toHaveLength(1);
  });

  test('that the database refuses ends at once, and says why', async () => {
    const store = server.url('no_such_database');
    await expect(startServe({ settings: { store } })).rejects.toThrow(
      'database "no_such_database" does not exist',
    );
  });

  test('stops well while its database is away', async () => {
    const data = mkdtempSync(join(tmpdir(), 'postern-away-'));
    onTestFinished(() => rmSync(data, { recursive: true, force: true }));
    const gate = await startServe({ data, settings: { store: await newDatabase('stopping') } });
    await server.crash();
    const { code } = await gate.stop();
    await server.start();
    expect(code).toBe(0);
  });
});
