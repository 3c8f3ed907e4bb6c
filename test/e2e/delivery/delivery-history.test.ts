import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Api, EventStory, Story } from '../../helpers/gates/api.ts';
import { apiOf } from '../../helpers/gates/api.ts';
import { type GateWithFarEnds, startGateWithFarEnds } from '../../helpers/mail-servers/far-ends.ts';

// What became of the mail, who may ask for it, and who may not.

let gate: GateWithFarEnds;
let admin: Api;
/** Of an account of its own, so that nothing else is in its lists. */
let api: Api;
let provider = 0;
let ids: readonly string[] = [];
beforeAll(async () => {
  gate = await startGateWithFarEnds();
  admin = gate.api;
  api = await newAccount('lists', ['*']);
  ({ provider } = await gate.add('shop.test', {
    answer: ({ stage, line }) => (stage === 'rcpt' && line.includes('gone@') ? '550 5.1.1 gone' : undefined),
  }));
  ids = await api.sendMany(MAIL);
  for (const id of ids) await api.reach(id, 'delivered', 'bounced', 'queued');
});
afterAll(() => gate.stop());

const MAIL = [
  { from: 'a@shop.test', to: 'ada@one.test', subject: 'Order 1 confirmed', tags: ['order'] },
  { from: 'a@shop.test', to: 'bob@two.test', subject: 'Order 2 confirmed', tags: ['order', 'vip'] },
  { from: 'b@shop.test', to: ['gone@one.test', 'ada@one.test'], subject: 'Newsletter', tags: ['news'] },
  { from: 'b@shop.test', to: 'gone@two.test', subject: 'Rechnung über Bücher' },
  { from: 'c@nobody.test', to: 'ada@one.test', subject: 'No provider serves this domain' },
];

async function newAccount(account: string, allowedSenders: readonly string[]): Promise<Api> {
  const request = { account, name: 'key', scopes: ['send', 'read'], newAccount: { allowedSenders } };
  const { secret } = await admin.ask<{ secret: string }>('POST', '/v1/keys', request);
  return apiOf(gate.gate, secret);
}

/** The numbers (in the order of sending) of the messages that a query finds, as it lists them. */
async function find(query: string): Promise<number[]> {
  const { messages } = await api.ask<{ messages: Story[] }>('GET', `/v1/messages?${query}`);
  return messages.map(({ id }) => ids.indexOf(id));
}

describe('the list of messages', () => {
  test.each([
    ['', [4, 3, 2, 1, 0]],
    ['recipient=ada@one.test', [4, 2, 0]],
    ['recipient=@two.test', [3, 1]],
    ['sender=a@shop.test', [1, 0]],
    ['sender=@shop.test', [3, 2, 1, 0]],
    ['tag=order', [1, 0]],
    ['tag=vip', [1]],
    ['words=confirmed', [1, 0]],
    ['words=ORDER 2', [1]],
    ['words=bücher', [3]],
    ['state=bounced', [3, 2]],
    ['state=delivered', [2, 1, 0]],
    ['state=queued', [4]],
    ['state=bounced&recipient=ada@one.test', [2]],
    ['state=expired', []],
    ['recipient=nobody@one.test', []],
  ])('for %j has the right ones, newest first', async (query, expected) => {
    expect(await find(encodeURI(query))).toEqual(expected);
  });

  test('tells by which provider it went, or that none will take it', async () => {
    expect(await find(`provider=${provider}`)).toEqual([3, 2, 1, 0]);
    expect((await api.story(ids[4] ?? '')).provider).toBeNull();
  });

  test('can be asked for a span of time', async () => {
    const { messages } = await api.ask<{ messages: { createdAt: string }[] }>('GET', '/v1/messages?limit=1');
    const at = Date.parse(messages[0]?.createdAt ?? '');
    expect(await find(`until=${new Date(at + 1).toISOString()}`)).toEqual([4, 3, 2, 1, 0]);
    expect(await find(`since=${new Date(at + 1).toISOString()}`)).toEqual([]);
    expect(await find(`until=${new Date(at - 60_000).toISOString()}`)).toEqual([]);
  });

  test('comes in pages, each message once, also while new ones arrive', async () => {
    const seen: string[] = [];
    for (let cursor = ''; ; ) {
      const query = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page = await api.ask<{ messages: Story[]; next: string | null }>(
        'GET',
        `/v1/messages?tag=order&limit=1${query}`,
      );
      seen.push(...page.messages.map(({ id }) => id));
      if (page.next === null) break;
      cursor = page.next;
      await api.send({ from: 'c@nobody.test', to: 'late@one.test', tags: ['order'], text: 'x' });
    }
    expect(seen).toEqual([ids[1], ids[0]]);
  });

  test.each([
    'colour=red',
    'limit=0',
    'limit=1001',
    'state=lost',
    'since=yesterday',
    'cursor=x%00',
    'tag=a&tag=b',
  ])('refuses %j rather than showing everything', async query => {
    expect(await api.call('GET', `/v1/messages?${query}`)).toMatchObject({ status: 400 });
  });
});

describe('the event log', () => {
  test('tells everything, in order, exactly once per cursor', async () => {
    const all = await api.events();
    const paged: EventStory[] = [];
    for (let cursor = '0'; ; ) {
      const page = await api.ask<{ events: EventStory[]; cursor: string }>(
        'GET',
        `/v1/events?after=${cursor}&limit=3`,
      );
      if (page.events.length === 0) break;
      paged.push(...page.events);
      cursor = page.cursor;
    }
    expect(paged).toEqual(all);
    const numbers = all.map(({ id }) => BigInt(id));
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => (a < b ? -1 : 1)));
    for (const id of ids) expect(all.filter(({ messageId }) => messageId === id)[0]?.type).toBe('accepted');
  });

  test('wakes who waits for the next event, and nobody else', async () => {
    const [mine, theirs] = [await newAccount('waits', ['*']), await newAccount('sends', ['*'])];
    const startedAt = Date.now();
    let isAnswered = false;
    const waiting = mine.ask<{ events: EventStory[] }>('GET', '/v1/events?after=0&wait=60').finally(() => {
      isAnswered = true;
    });
    const other = await theirs.send({ from: 'a@shop.test', to: 'x@one.test', text: 'x' });
    await theirs.reach(other, 'delivered');
    expect(isAnswered).toBe(false);
    const id = await mine.send({ from: 'a@shop.test', to: 'x@one.test', text: 'x' });
    const { events } = await waiting;
    expect(events[0]).toMatchObject({ type: 'accepted', messageId: id });
    // Woken, and not because the time to wait was over.
    expect(Date.now() - startedAt).toBeLessThan(60_000);
  });

  test('answers who waited in vain with the cursor that they came with', async () => {
    const mine = await newAccount('quiet', ['*']);
    const startedAt = Date.now();
    expect(await mine.ask('GET', '/v1/events?after=7&wait=1')).toEqual({ events: [], cursor: '7' });
    expect(Date.now() - startedAt).toBeGreaterThan(500);
  });
});

describe('another account', () => {
  test('is told that there is no such message, whatever it wants with it', async () => {
    const other = await newAccount('stranger', ['@stranger.test']);
    const [id = ''] = ids;
    const requests = [
      ['GET', `/v1/messages/${id}`],
      ['GET', `/v1/messages/${id}/raw`],
      ['POST', `/v1/messages/${id}/cancel`],
      ['POST', `/v1/messages/${id}/retry`],
    ] as const;
    for (const [method, path] of requests) {
      const mine = await other.call(method, path);
      const nobodys = await other.call(method, path.replace(id, '0000000000000'));
      expect(mine.status).toBe(404);
      expect(mine.text).toBe(nobodys.text);
    }
    expect(await other.ask('GET', '/v1/messages')).toMatchObject({ messages: [] });
    expect(await other.events()).toEqual([]);
    expect((await api.story(id)).recipients).toMatchObject([{ state: 'delivered' }]);
  });

  test('sends as itself only', async () => {
    const other = await newAccount('narrow', ['@narrow.test']);
    const message = { from: 'a@narrow.test', to: 'b@rcpt.test', text: 'x' };
    expect(await other.call('POST', '/v1/messages', message)).toMatchObject({ status: 202 });
    for (const path of ['/v1/messages', '/messages']) {
      const refusal = await other.call('POST', path, { ...message, from: 'a@shop.test' });
      expect(refusal.status).toBe(403);
    }
    const raw = 'From: a@shop.test\r\n\r\nx\r\n';
    const path = '/v1/messages/raw?sender=a@narrow.test&recipient=b@rcpt.test';
    expect(await other.call('POST', path, raw)).toMatchObject({ status: 403 });
  });

  test('manages nothing', async () => {
    const other = await newAccount('modest', ['*']);
    expect(await other.call('GET', '/v1/providers')).toMatchObject({ status: 403 });
    expect(await other.call('POST', '/v1/keys', {})).toMatchObject({ status: 403 });
  });
});

test('a key works from the moment it is made until the moment it is revoked', async () => {
  const { id, secret } = await admin.ask<{ id: number; secret: string }>('POST', '/v1/keys', {
    ...{ account: 'default', name: 'short-lived', scopes: ['send', 'read'] },
  });
  const mine = apiOf(gate.gate, secret);
  await mine.reach(await mine.send({ from: 'a@shop.test', to: 'x@one.test', text: 'x' }), 'delivered');
  await admin.ask('DELETE', `/v1/keys/${id}`);
  expect(await mine.call('GET', '/v1/messages')).toMatchObject({ status: 401 });
  const message = { from: 'a@shop.test', to: 'x@one.test', text: 'x' };
  expect(await mine.call('POST', '/messages', message)).toMatchObject({ status: 401 });
});
