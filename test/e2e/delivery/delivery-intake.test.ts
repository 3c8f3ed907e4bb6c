import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, type Api, apiOf } from '../../helpers/gates/api.ts';
import { isOnPostgres } from '../../helpers/gates/engine.ts';
import { type RunningGate, startGate } from '../../helpers/gates/gate.ts';
import { startServe } from '../../helpers/gates/serve.ts';
import { readWithMailparser } from '../../helpers/mail-servers/second-opinion.ts';
import { type SmtpSink, startSmtpSink } from '../../helpers/mail-servers/smtp-sink.ts';

// What a gate takes in, how often, how much of it, and what it says when it does not.

let sink: SmtpSink;
let gate: RunningGate;
let api: Api;
beforeAll(async () => {
  sink = await startSmtpSink();
  gate = await startGate({ smarthost: `127.0.0.1:${sink.port}` });
  api = apiOf(gate, gate.key);
});
afterAll(async () => {
  await gate.stop();
  await sink.close();
});

function message(subject: string) {
  return { from: 'a@sender.test', to: 'b@rcpt.test', subject, text: 'x' };
}

/** How often a message with this subject reached the far end. */
function arrivals(subject: string): number {
  return sink.messages.filter(({ bytes }) => bytes.includes(`\r\nSubject: ${subject}\r\n`)).length;
}

function post(subject: string, key: string, by = api): Promise<Answer> {
  return by.call('POST', '/v1/messages', message(subject), { 'idempotency-key': key });
}

describe('an idempotency key', () => {
  test('brings the same answer for the same message, and no second mail', async () => {
    const first = await post('once', 'key-1');
    const second = await post('once', 'key-1');
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(JSON.parse(second.text)).toMatchObject({ id: JSON.parse(first.text).id });
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    await api.reachEmptyQueue();
    expect(arrivals('once')).toBe(1);
  });

  test('is worth one message, however many bring it at the same moment', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => post('same-moment', 'key-2')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(answers.map(({ text }) => JSON.parse(text).id)).size).toBe(1);
    const replayed = answers.filter(({ headers }) => headers.get('idempotency-replayed') === 'true');
    expect(replayed).toHaveLength(49);
    await api.reachEmptyQueue();
    expect(arrivals('same-moment')).toBe(1);
  });

  test('is refused for another message, and free again when the message was refused', async () => {
    await post('taken', 'key-3');
    expect(await post('another', 'key-3')).toMatchObject({ status: 409 });
    const refused = { ...message('free'), to: 'nobody' };
    const answer = await api.call('POST', '/v1/messages', refused, { 'idempotency-key': 'key-4' });
    expect(answer.status).toBe(400);
    expect(await post('free', 'key-4')).toMatchObject({ status: 202 });
  });

  test('is of one account', async () => {
    const admin = apiOf(gate, gate.adminToken);
    const newKey = { account: 'other', name: 'k', scopes: ['send'], newAccount: { allowedSenders: ['*'] } };
    const { secret } = await admin.ask<{ secret: string }>('POST', '/v1/keys', newKey);
    const mine = await post('account', 'key-5');
    const theirs = await post('account', 'key-5', apiOf(gate, secret));
    expect(theirs.status).toBe(202);
    expect(JSON.parse(theirs.text).id).not.toBe(JSON.parse(mine.text).id);
  });

  test('counts for each message of a batch', async () => {
    const batch = ['a', 'b', 'a'].map(key => ({
      ...message(`batch-${key}`),
      idempotencyKey: `key-6-${key}`,
    }));
    const { results } = await api.ask<{ results: { id: string; replayed?: boolean }[] }>(
      'POST',
      '/v1/messages/batch',
      batch,
    );
    expect(results.map(({ replayed }) => replayed)).toEqual([undefined, undefined, true]);
    expect(results[2]?.id).toBe(results[0]?.id);
  });
});

describe('a batch', () => {
  const good = message('batch');
  const bad = { ...message('bad'), to: 'no address' };
  const postBatch = (batch: readonly object[]) => api.call('POST', '/v1/messages/batch', batch);

  test('takes what is right and says of the rest what is wrong, each in its place', async () => {
    const { status, text } = await postBatch([good, bad, good]);
    expect(status).toBe(207);
    expect(JSON.parse(text)).toMatchObject({
      accepted: 2,
      refused: 1,
      results: [{ status: 202 }, { status: 400, error: { problems: [{ field: 'to' }] } }, { status: 202 }],
    });
    await api.reachEmptyQueue();
    expect(arrivals('batch')).toBe(2);
  });

  test('is accepted as a whole, refused as a whole, and has a thousand messages at most', async () => {
    expect(await postBatch([good])).toMatchObject({ status: 202 });
    expect(await postBatch([bad, bad])).toMatchObject({ status: 400 });
    expect(await postBatch(Array(1_001).fill(good))).toMatchObject({ status: 400 });
  });
});

test('explain shows what would be sent and how, and sends nothing', async () => {
  const { text } = await api.call('POST', '/v1/messages/explain', message('explained'));
  expect(JSON.parse(text)).toMatchObject({
    envelope: { sender: 'a@sender.test', recipients: ['b@rcpt.test'] },
    raw: expect.stringContaining('\r\nSubject: explained\r\n'),
    route: [{ isUsed: true, provider: { host: '127.0.0.1', port: sink.port } }],
  });
  expect(text).not.toContain('sealedPassword');
  const { messages } = await api.ask<{ messages: unknown[] }>('GET', '/v1/messages?words=explained');
  expect(messages).toEqual([]);
  await api.reach(await api.send(message('after-explained')), 'delivered');
  expect(arrivals('explained')).toBe(0);
});

describe('large mail', () => {
  test('a message of 20 MB arrives whole', async () => {
    const file = randomBytes(14_600_000);
    const attachments = [{ filename: 'large.bin', content: file.toString('base64') }];
    const id = await api.send({ ...message('large'), attachments });
    await api.reach(id, 'delivered');
    const mail = sink.messages.find(({ bytes }) => bytes.includes('\r\nSubject: large\r\n'))?.bytes;
    expect(mail?.length).toBeGreaterThan(19_900_000);
    const opinion = await readWithMailparser(mail ?? Buffer.alloc(0));
    expect(opinion.attachments).toMatchObject([
      { filename: 'large.bin', sha256: createHash('sha256').update(file).digest('hex') },
    ]);
  });

  test.each(['/messages', '/v1/messages', '/v1/messages/raw?recipient=b@rcpt.test'])(
    'more than 32 MiB to %s is refused',
    async path => {
      const { status } = await api.call('POST', path, 'x'.repeat(32 * 1024 * 1024 + 1));
      expect(status).toBe(413);
    },
  );

  test('a thousand recipients get it, each exactly once; one more is too many', async () => {
    const to = Array.from({ length: 1_000 }, (_, n) => `r${n}@rcpt.test`);
    const id = await api.send({ ...message('thousand'), to });
    const story = await api.reach(id, 'delivered');
    expect(story.recipients).toHaveLength(1_000);
    const sent = sink.messages.filter(({ bytes }) => bytes.includes('\r\nSubject: thousand\r\n'));
    expect(sent.map(({ recipients }) => recipients.length)).toEqual(Array(10).fill(100));
    expect(sent.flatMap(({ recipients }) => recipients).sort()).toEqual(to.sort());
    const more = await api.call('POST', '/v1/messages', { ...message('more'), to: [...to, 'x@rcpt.test'] });
    expect(more).toMatchObject({ status: 400, text: expect.stringContaining('too_many_recipients') });
  });
});

test('a message that somebody else composed arrives as it is, behind what it lacked', async () => {
  const lines = [
    'Subject: as it is',
    'From:  A <a@sender.test>',
    'Bcc: hidden@rcpt.test',
    '',
    '.dot\tand  space ',
    '..',
  ];
  const path = '/v1/messages/raw?sender=bounce@sender.test&recipient=b@rcpt.test&recipient=c@rcpt.test';
  const { id, messageId } = JSON.parse((await api.call('POST', path, lines.join('\n'))).text);
  await api.reach(id, 'delivered');
  const mail = sink.messages.find(({ bytes }) => bytes.includes('Subject: as it is'));
  expect(mail).toMatchObject({ sender: 'bounce@sender.test', recipients: ['b@rcpt.test', 'c@rcpt.test'] });
  const [, added = '', rest = ''] = /^([\s\S]*?)(Subject: [\s\S]*)$/.exec(String(mail?.bytes)) ?? [];
  expect(added.match(/^[\w-]+(?=:)/gm)?.sort()).toEqual(['Date', 'Message-ID']);
  expect(added).toContain(`Message-ID: ${messageId}\r\n`);
  const kept = lines.filter(line => !line.startsWith('Bcc'));
  expect(rest).toBe(`${kept.join('\r\n')}\r\n`);
});

describe('a gate without room', () => {
  test('says so in the words of each API, and takes mail again when there is some', async () => {
    let isDown = true;
    const far = await startSmtpSink({
      answer: ({ stage }) => (stage === 'mail' && isDown ? '451 later' : undefined),
    });
    const settings = { smarthost: `smtp://127.0.0.1:${far.port}`, 'limits.maxQueued': 3 };
    const full = await startServe({ settings });
    const fullApi = apiOf(full, full.adminToken);
    const ids = await fullApi.sendMany(['1', '2', '3'].map(message));
    for (const id of ids) await fullApi.reach(id, 'deferred');
    await expectNoRoom(fullApi);

    isDown = false;
    for (const id of ids) await fullApi.retry(id);
    await fullApi.reachEmptyQueue();
    expect(await fullApi.call('POST', '/v1/messages', message('4'))).toMatchObject({ status: 202 });
    await full.stop();
    await far.close();
  });

  // The disk of a database server is nothing that a gate could look at.
  if (!isOnPostgres())
    test('on the disk says so too', async () => {
      const full = await startServe({ settings: { 'limits.minFreeBytes': '1000 TiB' } });
      await expectNoRoom(apiOf(full, full.adminToken));
      await full.stop();
    });

  async function expectNoRoom(by: Api): Promise<void> {
    const raw = 'From: a@sender.test\r\n\r\nx\r\n';
    const powermta = await by.call('POST', '/messages', message('4'));
    expect(powermta.text).toMatch(/^[^\n]+\n$/);
    expect(powermta.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    const v1 = await by.call('POST', '/v1/messages', message('4'));
    expect(JSON.parse(v1.text)).toMatchObject({ error: { code: 'unavailable', problems: [] } });
    const byRaw = await by.call('POST', '/v1/messages/raw?recipient=b@rcpt.test', raw);
    for (const { status, headers } of [powermta, v1, byRaw]) {
      expect([status, Number(headers.get('retry-after')) > 0]).toEqual([503, true]);
    }
    expect(await by.call('POST', '/v1/messages/batch', [message('4')])).toMatchObject({ status: 503 });
  }
});
