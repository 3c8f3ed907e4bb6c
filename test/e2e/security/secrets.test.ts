import { readdirSync, readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiOf } from '../../helpers/gates/api.ts';
import { databaseText, isOnPostgres } from '../../helpers/gates/engine.ts';
import { type FullGate, signJwt, startFullGate } from '../../helpers/gates/five-apis.ts';

// Every credential of every API is a value that can be looked for; none of them may be found where it does not belong.

const SITE_PASSWORD = 'canary-site-password';
/** Files that are there to hold a secret, readable by their owner only. */
const KEEPERS = /^(secret\.key|operator-token|development-.*)$/;

describe('secrets', () => {
  let full: FullGate;
  const secrets = new Map<string, string>();
  const answers: string[] = [];

  const canary = (name: string): string => {
    const value = `canary-${name.replace(/\W/g, '-')}-Zq8`;
    secrets.set(name, value);
    return value;
  };

  /** Calls, and keeps what was said. */
  async function say(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; text: string }> {
    const { http } = full.gate;
    const answer = await apiOf({ http }).call(method, path, body, {
      'x-custom-auth': SITE_PASSWORD,
      ...headers,
    });
    answers.push(`${JSON.stringify([...answer.headers])}\n${answer.text}`);
    return answer;
  }

  beforeAll(async () => {
    full = await startFullGate({
      settings: {
        'tempMail.sitePassword': SITE_PASSWORD,
        'tempMail.addressPasswords': 'true',
        'log.level': 'trace',
      },
    });
    secrets.set('site password', SITE_PASSWORD);
    secrets.set('JWT secret', full.tempMail.jwtSecret);
    secrets.set('admin password', full.tempMail.adminPassword);
    secrets.set('key', full.key);
    secrets.set('operator token', full.gate.adminToken);
  });
  afterAll(() => full.stop());

  const basic = (user: string, password: string): string =>
    `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const mail = { from: 'a@sender.test', to: 'b@rcpt.test', subject: 'x', text: 'x', content: 'x' };

  test('are given to every API, right and wrong', async () => {
    const { gate, sink, key, tempMail } = full;
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
    const wrong = canary('wrong key');

    for (const headers of [bearer(wrong), { authorization: basic('default', wrong) }])
      for (const path of ['/messages', '/v1/messages', '/api/v2/mail/providers'])
        expect((await say('POST', path, mail, headers)).status, path).toBe(401);
    for (const path of ['/api/mail/send', '/api/v2/mail/send']) {
      const query = `?authuser=default&authpass=${canary(`query of ${path}`)}`;
      expect((await say('POST', path + query, mail)).status).toBe(401);
      const inBody = { ...mail, authuser: 'default', authpass: canary(`body of ${path}`) };
      expect((await say('POST', path, inBody, { 'content-type': 'application/json' })).status).toBe(401);
      const inHeader = { authuser: 'default', authpass: key };
      expect(
        (await say('POST', path, mail, { ...inHeader, 'content-type': 'application/json' })).status,
      ).toBe(200);
    }

    const server = { server: '127.0.0.1', port: String(sink.port), secure: 'false', email: 'a@sender.test' };
    expect(
      (await say('POST', '/api/smtp', mail, { ...server, password: canary('SMTP Mailer') })).status,
    ).not.toBe(0);
    expect(
      (
        await say('POST', '/api/smtp', mail, {
          authorization: basic('a@sender.test', canary('SMTP Mailer, Basic')),
        })
      ).status,
    ).not.toBe(200);

    const { jwt, address } = await newAddress();
    secrets.set('JWT', jwt);
    const send = { from_name: 'A', to_name: 'B', to_mail: 'b@rcpt.test', subject: 'x', content: 'x' };
    expect((await say('POST', '/api/send_mail', send, bearer(jwt))).status).toBe(200);
    expect((await say('POST', '/external/api/send_mail', { ...send, token: jwt })).status).toBe(200);
    const forged = signJwt({ address, address_id: 1 }, canary('other JWT secret'));
    secrets.set('forged JWT', forged);
    expect((await say('POST', '/external/api/send_mail', { ...send, token: forged })).status).toBe(400);
    expect((await say('POST', '/api/send_mail', send, bearer(forged))).status).toBe(401);
    const admin = { 'x-admin-auth': canary('wrong admin password') };
    expect((await say('GET', '/admin/address_sender?limit=20&offset=0', undefined, admin)).status).toBe(401);
    const site = { 'x-custom-auth': canary('wrong site password') };
    expect((await say('GET', '/health_check', undefined, site)).status).toBe(401);
    const login = { email: address, password: canary('wrong address password') };
    expect((await say('POST', '/api/address_login', login)).status).toBe(401);

    await smtpLogin('default', key);
    await smtpLogin(address, jwt);
    await smtpLogin('default', canary('wrong SMTP password'));

    // Shown this once; whoever listens there is no webhook, so that it is tried again and again.
    const { webhookSecret } = await full.api.ask<{ webhookSecret: string }>('PATCH', '/v1/accounts/1', {
      webhook: { url: `http://127.0.0.1:${sink.port}/canary` },
    });
    expect(webhookSecret).toMatch(/^whsec_/);
    secrets.set('webhook secret', webhookSecret);
    secrets.set('key of webhook secret', webhookSecret.replace('whsec_', ''));
    secrets.set('sealing key', readFileSync(join(gate.data, 'secret.key'), 'utf8').trim());

    const operator = bearer(gate.adminToken);
    const provider = {
      ...{ driver: 'smtp', host: '127.0.0.1', port: sink.port, username: 'u', sendFrom: 'a@b.c' },
      ...{ sendFromName: 'A', encryption: 'tls', isEnabled: false },
    };
    const made = await say(
      'POST',
      '/api/v2/mail/providers',
      { ...provider, password: canary('provider password') },
      operator,
    );
    expect(made.status).toBe(201);
    const { id } = JSON.parse(made.text) as { id: number };
    const password = canary('changed provider password');
    expect((await say('PATCH', `/api/v2/mail/providers/${id}`, { password }, operator)).status).toBe(200);
    expect((await say('GET', `/api/v2/mail/providers/${id}/status`, undefined, operator)).status).toBe(400);
    const broken = { ...provider, port: 0, password: canary('refused provider password') };
    expect((await say('POST', '/api/v2/mail/providers', broken, operator)).status).toBe(400);
    expect(tempMail.domain).not.toBe('');
  });

  async function newAddress(): Promise<{ jwt: string; address: string }> {
    // Its reply is the one place where the address's own secrets are shown.
    const { gate, tempMail } = full;
    const answer = await apiOf(gate).call(
      'POST',
      '/admin/new_address',
      { name: 'canary', domain: tempMail.domain, enablePrefix: false },
      { 'x-admin-auth': tempMail.adminPassword, 'x-custom-auth': SITE_PASSWORD },
    );
    const { jwt, address, password } = JSON.parse(answer.text) as {
      jwt: string;
      address: string;
      password: string;
    };
    secrets.set('address password', password);
    return { jwt, address };
  }

  /** AUTH PLAIN and a message; whatever is answered is kept. */
  async function smtpLogin(user: string, password: string): Promise<void> {
    const [host = '', port = ''] = full.gate.smtp.split(':');
    const socket = createConnection({ host, port: Number(port) });
    const plain = Buffer.from(`\0${user}\0${password}`).toString('base64');
    socket.write(`EHLO canary.test\r\nAUTH PLAIN ${plain}\r\nNOOP\r\nQUIT\r\n`);
    let said = '';
    for await (const chunk of socket) said += String(chunk);
    answers.push(said);
    expect(said).toMatch(/^(235|535) /m);
  }

  test('are in no answer', () => {
    expect(answers.length).toBeGreaterThan(20);
    expect(found(answers.join('\n'))).toEqual([]);
  });

  test('are in no event, in no metric and in no list', async () => {
    await full.api.reachEmptyQueue();
    const { api } = full;
    const texts = [
      JSON.stringify(await api.events()),
      (await api.call('GET', '/metrics')).text,
      (await api.call('GET', '/v1/messages?limit=100')).text,
      (await api.call('GET', '/v1/keys')).text,
      (await api.call('GET', '/v1/accounts')).text,
      (await api.call('GET', '/v1/providers')).text,
      (await api.call('GET', '/api/v2/mail/providers')).text,
    ];
    expect(texts.every(text => text.length > 10)).toBe(true);
    expect(found(texts.join('\n'))).toEqual([]);
  });

  test('are in nothing that is stored, while it runs and after', async () => {
    expect(foundInFiles()).toEqual([]);
    const stored = await databaseText(full.gate.data);
    expect(found(stored)).toEqual([]);
    // What is looked through holds the mail.
    const isStored = isOnPostgres()
      ? stored.includes(Buffer.from('Subject: x').toString('hex'))
      : readdirSync(full.gate.data).some(name => /\.sqlite-wal$/.test(name));
    expect(isStored).toBe(true);
  });

  test('are in no line of the log', async () => {
    full.gate.kill('SIGTERM');
    const { stderr, stdout } = await full.gate.ended;
    expect(stderr.split('\n').length).toBeGreaterThan(5);
    expect(found(stderr + stdout)).toEqual([]);
    expect(foundInFiles()).toEqual([]);
  });

  /** The names of the secrets that a text holds, plain or encoded. */
  function found(text: string): string[] {
    return [...secrets].flatMap(([name, value]) =>
      forms(value)
        .filter(form => text.includes(form))
        .map(form => `${name}: ${form}`),
    );
  }

  function foundInFiles(): string[] {
    const folder = full.gate.data;
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
      entry => entry.isFile() && !KEEPERS.test(entry.name),
    );
    expect(files.length).toBeGreaterThan(0);
    return files.flatMap(entry =>
      found(readFileSync(join(entry.parentPath, entry.name), 'latin1')).map(what => `${entry.name}: ${what}`),
    );
  }
});

/** As it is, in base64 at each of the three offsets, in hex and percent-encoded. */
function forms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].map(shift =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      // What the bytes around it can change is left out.
      .slice(Math.ceil((shift * 4) / 3))
      .replace(/=+$/, '')
      .slice(0, -1),
  );
  return [...new Set([secret, ...base64, bytes.toString('hex'), encodeURIComponent(secret)])];
}
