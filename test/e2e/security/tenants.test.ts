import { once } from 'node:events';
import { createConnection } from 'node:net';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Api, apiOf } from '../../helpers/gates/api.ts';
import { type FullGate, newTempAddress, signJwt, startFullGate } from '../../helpers/gates/five-apis.ts';

// Nobody sends without a credential, nobody as somebody else, and no account sees another's mail: in no API.

interface Tenant {
  readonly name: string;
  readonly key: string;
  readonly api: Api;
}

describe('open relay and tenants', () => {
  let full: FullGate;
  let ada: Tenant;
  let bob: Tenant;
  beforeAll(async () => {
    full = await startFullGate();
    ada = await newTenant('ada', ['@ada.test']);
    bob = await newTenant('bob', ['bob@bob.test']);
  });
  afterAll(() => full.stop());

  async function newTenant(account: string, allowedSenders: string[]): Promise<Tenant> {
    const newKey = {
      account,
      name: 'test',
      scopes: ['send', 'read'],
      newAccount: { allowedSenders },
    };
    const { secret } = await full.api.ask<{ secret: string }>('POST', '/v1/keys', newKey);
    return { name: account, key: secret, api: apiOf(full.gate, secret) };
  }

  const mailOf = (from: string) => ({ from, to: 'c@rcpt.test', subject: 'x' });
  const json = { 'content-type': 'application/json' };
  /** A browser of another machine would be told so by the proxy in front. */
  const fromAfar = { 'x-forwarded-for': '203.0.113.9' };

  describe('without a credential', () => {
    test.for([
      ['POST', '/messages', 401],
      ['POST', '/v1/messages', 401],
      ['POST', '/v1/messages/batch', 401],
      ['POST', '/v1/messages/raw', 401],
      ['GET', '/v1/messages', 401],
      ['GET', '/v1/events?after=0', 401],
      ['GET', '/v1/keys', 401],
      ['GET', '/v1/accounts', 401],
      ['GET', '/v1/providers', 401],
      ['POST', '/v1/providers', 401],
      ['POST', '/api/mail/send', 401],
      ['POST', '/api/v2/mail/send', 401],
      ['GET', '/api/v2/mail/providers', 401],
      ['POST', '/api/v2/mail/providers', 401],
      ['DELETE', '/api/v2/mail/providers/1', 401],
      ['POST', '/api/send_mail', 401],
      ['POST', '/external/api/send_mail', 400],
      ['GET', '/api/settings', 401],
      ['GET', '/api/sendbox?limit=20&offset=0', 401],
      ['DELETE', '/api/delete_address', 401],
      ['POST', '/admin/new_address', 401],
      ['POST', '/admin/send_mail', 401],
      ['GET', '/admin/address_sender?limit=20&offset=0', 401],
      ['GET', '/admin/show_password/1', 401],
      ['DELETE', '/admin/delete_address/1', 401],
    ] as const)('%s %s answers %i', async ([method, path, status]) => {
      const body = method === 'POST' ? mailOf('a@ada.test') : undefined;
      const answer = await apiOf(full.gate).call(method, path, body, { ...json, ...fromAfar });
      expect([path, answer.status]).toEqual([path, status]);
    });

    test('SMTP takes no MAIL', async () => {
      const replies = await talk(['EHLO x', 'MAIL FROM:<a@ada.test>', 'RCPT TO:<c@rcpt.test>', 'DATA']);
      expect(replies.slice(1).map(code)).toEqual([530, expect.any(Number), expect.any(Number)]);
      expect(replies.slice(2).every(reply => code(reply) >= 500)).toBe(true);
    });
  });

  describe('as somebody else', () => {
    test.for(['a@bob.test', 'eve@evil.test', 'ada@ada.test.evil.test', 'Ada <a@bob.test>'])(
      'HTTP refuses the sender %s',
      async from => {
        await full.api.reachEmptyQueue();
        const before = full.sink.messages.length;
        const credentials = { authuser: 'ada', authpass: ada.key };
        const answers = [
          await ada.api.call('POST', '/v1/messages', mailOf(from)),
          await ada.api.call('POST', '/messages', mailOf(from)),
          await apiOf(full.gate).call('POST', '/api/mail/send', mailOf(from), { ...json, ...credentials }),
          await apiOf(full.gate).call('POST', '/api/v2/mail/send', mailOf(from), { ...json, ...credentials }),
        ];
        expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
        await full.api.reachEmptyQueue();
        expect(full.sink.messages.length).toBe(before);
      },
    );

    test("another account's name with a good key is a wrong credential", async () => {
      for (const path of ['/api/mail/send', '/api/v2/mail/send']) {
        const headers = { ...json, authuser: 'bob', authpass: ada.key };
        const answer = await apiOf(full.gate).call('POST', path, mailOf('bob@bob.test'), headers);
        expect(answer.status).toBe(401);
      }
    });

    test('SMTP refuses it at MAIL, and in From at the dot', async () => {
      const login = auth('ada', ada.key);
      const wrongMail = await talk(['EHLO x', login, 'MAIL FROM:<bob@bob.test>']);
      expect(wrongMail.map(code)).toEqual([250, 235, 553]);
      const message = 'From: bob@bob.test\r\nTo: c@rcpt.test\r\nSubject: x\r\n\r\nx\r\n.';
      const wrongFrom = await talk([
        ...['EHLO x', login, 'MAIL FROM:<a@ada.test>', 'RCPT TO:<c@rcpt.test>', 'DATA'],
        message,
      ]);
      expect(wrongFrom.map(code)).toEqual([250, 235, 250, 250, 354, 550]);
    });

    test('a temp-mail address sends as itself only', async () => {
      const { jwt, address } = await newTempAddress(full, 'alone');
      const login = auth('jwt', jwt);
      expect((await talk(['EHLO x', login, `MAIL FROM:<${address}>`])).map(code)).toEqual([250, 235, 250]);
      expect((await talk(['EHLO x', login, 'MAIL FROM:<a@ada.test>'])).map(code)).toEqual([250, 235, 553]);
      for (const forged of [
        signJwt({ address: 'a@ada.test', address_id: 1 }, full.tempMail.jwtSecret),
        signJwt({ address, address_id: 99_999 }, full.tempMail.jwtSecret),
        signJwt({ address, address_id: 1 }, 'another secret'),
        `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${jwt.split('.')[1]}.`,
      ]) {
        const headers = { authorization: `Bearer ${forged}` };
        const answer = await apiOf(full.gate).call('GET', '/api/settings', undefined, headers);
        expect(answer.status).toBe(401);
        expect((await talk(['EHLO x', auth('jwt', forged)])).map(code)).toEqual([250, 535]);
      }
    });
  });

  describe("another account's mail", () => {
    let id: string;
    let mid: string;
    beforeAll(async () => {
      const headers = { ...json, authuser: 'ada', authpass: ada.key };
      const body = { ...mailOf('a@ada.test'), reference_id: 'secret-reference' };
      const answer = await apiOf(full.gate).call('POST', '/api/v2/mail/send', body, headers);
      mid = /"mid":(\d+)/.exec(answer.text)?.[1] ?? '';
      const { messages } = await ada.api.ask<{ messages: { id: string }[] }>(
        'GET',
        `/v1/messages?mid=${mid}`,
      );
      id = messages[0]?.id ?? '';
      await ada.api.reach(id, 'delivered');
    });

    test('is 404 for others, as if there were none', async () => {
      for (const [method, path] of [
        ['GET', `/v1/messages/${id}`],
        ['GET', `/v1/messages/${id}/raw`],
        ['POST', `/v1/messages/${id}/cancel`],
        ['POST', `/v1/messages/${id}/retry`],
      ] as const) {
        const answer = await bob.api.call(method, path);
        const none = await bob.api.call(method, path.replace(id, '0000000000001'));
        expect([path, answer.status]).toEqual([path, 404]);
        expect(answer.text.replaceAll(id, '0000000000001')).toBe(none.text);
      }
    });

    test.for([
      '',
      '?recipient=c@rcpt.test',
      '?sender=a@ada.test',
      '?referenceId=secret-reference',
      '?mid=MID',
    ])('is in no list of others: %s', async query => {
      const path = `/v1/messages${query.replace('MID', mid)}`;
      const mine = await ada.api.ask<{ messages: { id: string }[] }>('GET', path);
      const theirs = await bob.api.ask<{ messages: { id: string }[] }>('GET', path);
      expect(mine.messages.map(message => message.id)).toContain(id);
      expect(theirs.messages.map(message => message.id)).not.toContain(id);
    });

    test('is in no event of others', async () => {
      expect(JSON.stringify(await ada.api.events())).toContain(id);
      expect(JSON.stringify(await bob.api.events())).not.toContain(id);
    });
  });

  test('a key without the scope is refused, in every API', async () => {
    for (const [method, path] of [
      ['GET', '/v1/keys'],
      ['POST', '/v1/keys'],
      ['GET', '/v1/accounts'],
      ['GET', '/v1/providers'],
      ['POST', '/v1/providers'],
      ['GET', '/api/v2/mail/providers'],
      ['POST', '/api/v2/mail/providers'],
      ['DELETE', '/api/v2/mail/providers/1'],
    ] as const)
      expect([path, (await ada.api.call(method, path, method === 'POST' ? {} : undefined)).status]).toEqual([
        path,
        403,
      ]);
    const reader = { account: 'ada', name: 'reader', scopes: ['read'] };
    const { secret } = await full.api.ask<{ secret: string }>('POST', '/v1/keys', reader);
    const api = apiOf(full.gate, secret);
    expect((await api.call('POST', '/v1/messages', mailOf('a@ada.test'))).status).toBe(403);
    expect((await api.call('POST', '/messages', mailOf('a@ada.test'))).status).toBe(403);
    expect((await talk(['EHLO x', auth('ada', secret), 'MAIL FROM:<a@ada.test>'])).map(code)[2]).not.toBe(
      250,
    );
  });

  test('a revoked key is refused at once, in every API', async () => {
    const newKey = { account: 'ada', name: 'short-lived', scopes: ['send', 'read'] };
    const { secret, id } = await full.api.ask<{ secret: string; id: number }>('POST', '/v1/keys', newKey);
    const api = apiOf(full.gate, secret);
    expect((await api.call('POST', '/v1/messages', mailOf('a@ada.test'))).status).toBe(202);
    await full.api.ask('DELETE', `/v1/keys/${id}`);
    const credentials = { ...json, authuser: 'ada', authpass: secret };
    const answers = [
      await api.call('POST', '/v1/messages', mailOf('a@ada.test')),
      await api.call('POST', '/messages', mailOf('a@ada.test')),
      await api.call('GET', '/api/v2/mail/providers'),
      await apiOf(full.gate).call('POST', '/api/mail/send', mailOf('a@ada.test'), credentials),
      await apiOf(full.gate).call('POST', '/api/v2/mail/send', mailOf('a@ada.test'), credentials),
    ];
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
    expect((await talk(['EHLO x', auth('ada', secret)])).map(code)).toEqual([250, 535]);
  });

  const auth = (user: string, password: string): string =>
    `AUTH PLAIN ${Buffer.from(`\0${user}\0${password}`).toString('base64')}`;

  /** Sends each line after the reply to the one before; resolves with the last lines of the replies. */
  async function talk(lines: readonly string[]): Promise<string[]> {
    const [host = '', port = ''] = full.gate.smtp.split(':');
    const socket = createConnection({ host, port: Number(port) });
    const replies: string[] = [];
    try {
      const reader = createInterface({ input: socket })[Symbol.asyncIterator]();
      const reply = async (): Promise<string> => {
        for (;;) {
          const { value = '' } = await reader.next();
          if (!/^\d{3}-/.test(value)) return value;
        }
      };
      await once(socket, 'connect');
      await reply();
      for (const line of lines) {
        socket.write(`${line}\r\n`);
        replies.push(await reply());
      }
    } finally {
      socket.destroy();
    }
    return replies;
  }
});

function code(reply: string): number {
  return Number(reply.slice(0, 3));
}
