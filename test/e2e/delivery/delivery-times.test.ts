import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Api, Story } from '../../helpers/gates/api.ts';
import { until } from '../../helpers/gates/gate.ts';
import {
  type FarEnd,
  type GateWithFarEnds,
  startGateWithFarEnds,
} from '../../helpers/mail-servers/far-ends.ts';
import { scaled } from '../../helpers/programs/patience.ts';

// When a message goes out: at once, later, never, before another.

let gate: GateWithFarEnds;
let api: Api;
beforeAll(async () => {
  gate = await startGateWithFarEnds();
  ({ api } = gate);
});
afterAll(() => gate.stop());

const HOUR_MS = 3_600_000;

function from(domain: string, more: Readonly<Record<string, unknown>> = {}) {
  return { from: `a@${domain}`, to: 'b@rcpt.test', text: 'x', ...more };
}

function inMs(ms: number): string {
  return new Date(Date.now() + ms).toISOString();
}

function typesOf({ events }: Story): string[] {
  return events.map(({ type }) => type);
}

describe.concurrent('a message with a time of its own', () => {
  test('goes out then, dated then, and not before', async () => {
    const farEnd = await gate.add('later.test');
    const sendAt = inMs(scaled(2_500));
    const id = await api.send(from('later.test', { sendAt }));
    expect((await api.story(id)).recipients).toMatchObject([{ state: 'queued', dueAt: sendAt }]);
    const story = await api.reach(id, 'delivered');
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(sendAt));
    const [, date = ''] = /^Date: (.*)\r$/m.exec(String(farEnd.messages[0]?.bytes)) ?? [];
    expect(Date.parse(date)).toBe(Math.floor(Date.parse(sendAt) / 1_000) * 1_000);
    expect(typesOf(story)).toEqual(['accepted', 'delivered']);
  });

  test('can be cancelled until then, once', async () => {
    const farEnd = await gate.add('cancelled.test');
    const id = await api.send(from('cancelled.test', { sendAt: inMs(HOUR_MS) }));
    await api.ask('POST', `/v1/messages/${id}/cancel`);
    const story = await api.story(id);
    expect(story.recipients).toMatchObject([{ state: 'cancelled' }]);
    expect(story.recipients[0]).not.toHaveProperty('dueAt');
    expect(typesOf(story)).toEqual(['accepted', 'cancelled']);
    expect(await api.call('POST', `/v1/messages/${id}/cancel`)).toMatchObject({ status: 409 });
    expect(await api.call('POST', `/v1/messages/${id}/retry`)).toMatchObject({ status: 409 });
    expect(farEnd.sessions).toEqual([]);
  });

  test('goes at once when somebody asks for it', async () => {
    await gate.add('hurry.test');
    const id = await api.send(from('hurry.test', { sendAt: inMs(HOUR_MS) }));
    await api.retry(id);
    await api.reach(id, 'delivered');
  });

  test('is refused when it lies more than 30 days ahead, or after the time it expires', async () => {
    const far = from('refused.test', { sendAt: inMs(31 * 24 * HOUR_MS) });
    const late = from('refused.test', { sendAt: inMs(2 * HOUR_MS), expiresAt: inMs(HOUR_MS) });
    expect(await api.call('POST', '/v1/messages', far)).toMatchObject({ status: 400 });
    expect(await api.call('POST', '/v1/messages', late)).toMatchObject({ status: 400 });
  });
});

describe.concurrent('a message under way', () => {
  test('cannot be cancelled: what is being sent cannot be called back', async () => {
    const reply = Promise.withResolvers<undefined>();
    const farEnd = await gate.add('under-way.test', {
      answer: ({ stage }) => (stage === 'dot' ? reply.promise : undefined),
    });
    const id = await api.send(from('under-way.test'));
    await farEnd.until(() => farEnd.messages.length === 1);
    expect(await api.call('POST', `/v1/messages/${id}/cancel`)).toMatchObject({ status: 409 });
    expect(await api.call('POST', `/v1/messages/${id}/retry`)).toMatchObject({ status: 409 });
    reply.resolve(undefined);
    expect(typesOf(await api.reach(id, 'delivered'))).toEqual(['accepted', 'delivered']);
  });

  test('can be cancelled between two attempts', async () => {
    const farEnd = await gate.add('between.test', { answer: () => '451 4.3.0 later' });
    const id = await api.send(from('between.test'));
    await api.reach(id, 'deferred');
    await api.ask('POST', `/v1/messages/${id}/cancel`);
    expect(typesOf(await api.story(id))).toEqual(['accepted', 'deferred', 'cancelled']);
    expect(farEnd.sessions).toHaveLength(1);
  });

  test('expires when nobody takes it in time, and is then not sent any more', async () => {
    const farEnd = await gate.add('expires.test', {
      answer: ({ stage }) => (stage === 'mail' ? '451 4.3.0 later' : undefined),
    });
    const expiresAt = inMs(scaled(4_000));
    const id = await api.send(from('expires.test', { expiresAt }));
    const deferred = await api.reach(id, 'deferred');
    expect(deferred.recipients[0]?.dueAt).toBe(expiresAt);
    const story = await api.reach(id, 'expired');
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(expiresAt));
    expect(typesOf(story)).toEqual(['accepted', 'deferred', 'expired']);
    expect(story.attempts).toHaveLength(1);
    const mails = farEnd.sessions.flatMap(({ commands }) => commands.filter(line => /^MAIL/.test(line)));
    expect(mails).toHaveLength(1);
  });

  test('can be sent again after it expired, with a new time to live', async () => {
    let isWell = false;
    await gate.add('again.test', { answer: () => (isWell ? undefined : '451 4.3.0 later') });
    const id = await api.send(from('again.test', { expiresAt: inMs(300) }));
    await api.reach(id, 'expired');
    isWell = true;
    await api.retry(id);
    expect(typesOf(await api.reach(id, 'delivered')).slice(-2)).toEqual(['retried', 'delivered']);
  });
});

test('high priority goes before normal before bulk, and each in the order of its coming', async () => {
  const reply = Promise.withResolvers<undefined>();
  const farEnd = await gate.add(
    'priority.test',
    { answer: ({ stage }) => (stage === 'dot' ? reply.promise : undefined) },
    { maxConnections: 1 },
  );
  // As many as the only connection takes at once.
  const first = await sendAll(['first-1', 'first-2', 'first-3'], 'bulk');
  await until(async () => (await activeAt(farEnd)) === 3, 'three to be under way');
  // What comes now waits, all of it: none is fetched before another has come.
  await api.ask('POST', `/v1/providers/${farEnd.provider}/pause`);
  await sendAll(['bulk-1', 'bulk-2', 'bulk-3'], 'bulk');
  await sendAll(['normal-1', 'normal-2', 'normal-3'], 'normal');
  await sendAll(['high-1', 'high-2', 'high-3'], 'high');
  reply.resolve(undefined);
  for (const id of first) await api.reach(id, 'delivered');
  await api.ask('POST', `/v1/providers/${farEnd.provider}/resume`);
  await until(() => farEnd.messages.length === 12, 'the rest');
  expect(subjectsOf(farEnd).slice(3)).toEqual([
    ...['high-1', 'high-2', 'high-3'],
    ...['normal-1', 'normal-2', 'normal-3'],
    ...['bulk-1', 'bulk-2', 'bulk-3'],
  ]);
});

/** How many attempts are under way by its provider. */
async function activeAt({ provider }: FarEnd): Promise<number> {
  interface Overview {
    readonly providers: readonly { readonly id: number; readonly active: number }[];
  }
  const { providers } = await api.ask<Overview>('GET', '/v1/overview');
  return providers.find(({ id }) => id === provider)?.active ?? 0;
}

async function sendAll(subjects: readonly string[], priority: string): Promise<string[]> {
  const ids: string[] = [];
  for (const subject of subjects) ids.push(await api.send(from('priority.test', { subject, priority })));
  return ids;
}

function subjectsOf({ messages }: FarEnd): string[] {
  return messages.map(({ bytes }) => /^Subject: (.*)\r$/m.exec(bytes.toString('latin1'))?.[1] ?? '');
}
