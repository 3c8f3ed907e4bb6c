import { afterEach, describe, expect, test } from 'vitest';
import { type Api, apiOf, type Story } from '../../helpers/gates/api.ts';
import { until } from '../../helpers/gates/gate.ts';
import { type ServedGate, startServe } from '../../helpers/gates/serve.ts';
import { type SmtpSink, startSmtpSink } from '../../helpers/mail-servers/smtp-sink.ts';
import { scaled } from '../../helpers/programs/patience.ts';

// Nobody knows whether a message was accepted: what the gate does then is what its operator wants.

let gate: ServedGate;
let sink: SmtpSink;
let api: Api;
afterEach(async () => {
  await gate.stop();
  await sink.close();
});

/** A gate under a policy, whose far end takes every message and is gone before it says so: the first time, or each time. */
async function start(unknownPolicy: string, times = 1): Promise<void> {
  sink = await startSmtpSink({
    answer: ({ stage }) =>
      stage === 'dot' && sink.messages.length <= times ? { fault: 'reset' } : undefined,
  });
  const smarthost = `smtp://127.0.0.1:${sink.port}`;
  const settings = { smarthost, 'delivery.unknownPolicy': unknownPolicy, 'delivery.unknownRetryMs': 500 };
  gate = await startServe({ settings });
  api = apiOf(gate, gate.adminToken);
}

function send(message: Readonly<Record<string, unknown>> = {}): Promise<string> {
  return api.send({ from: 'a@sender.test', to: 'b@rcpt.test', text: 'x', ...message });
}

describe('the policy "retry"', () => {
  test('sends it again after a while, with the same Message-ID, and flags it', async () => {
    await start('retry');
    const story = await api.reach(await send(), 'delivered');
    expect(typesOf(story)).toEqual(['accepted', 'unknown', 'delivered']);
    expect(story.attempts).toMatchObject([{ phase: 'dot' }, { phase: 'done', repeated: true }]);
    expect(story.events[2]?.data).toMatchObject({ attempt: 2, repeated: true });
    const [first, second] = sink.messages;
    expect(second?.bytes).toEqual(first?.bytes);
  });

  test('until its time is over: then it has ended as unknown', async () => {
    await start('retry', Number.POSITIVE_INFINITY);
    const expiresAt = new Date(Date.now() + scaled(3_000)).toISOString();
    const id = await send({ expiresAt });
    const ended = await untilEnded(id);
    expect(ended.recipients).toMatchObject([{ state: 'unknown' }]);
    const unknowns = ended.events.filter(({ type }) => type === 'unknown');
    expect(ended.events).toHaveLength(1 + unknowns.length);
    expect(ended.attempts.length).toBeGreaterThanOrEqual(2);
    expect(sink.messages).toHaveLength(ended.attempts.length);
  });
});

test('the policy "hold" sends nothing again by itself, but does for who asks', async () => {
  await start('hold');
  const id = await send();
  const { recipients } = await api.reach(id, 'unknown');
  // Until it expires, in three days.
  expect(Date.parse(recipients[0]?.dueAt ?? '')).toBeGreaterThan(Date.now() + 71 * 3_600_000);
  await api.retry(id);
  expect((await api.reach(id, 'delivered')).attempts.map(({ repeated }) => repeated)).toEqual([
    undefined,
    true,
  ]);
});

test('the policy "hold" lets it end as unknown when its time is over', async () => {
  await start('hold');
  const ended = await untilEnded(
    await send({ expiresAt: new Date(Date.now() + scaled(3_000)).toISOString() }),
  );
  expect(ended.recipients).toMatchObject([{ state: 'unknown' }]);
  expect(sink.messages).toHaveLength(1);
});

test('the policy "assumeDelivered" takes it as delivered, and says so', async () => {
  await start('assumeDelivered');
  const story = await api.reach(await send(), 'delivered');
  expect(typesOf(story)).toEqual(['accepted', 'delivered']);
  expect(story.events[1]?.data).toMatchObject({ assumed: true, phase: 'dot' });
  expect(sink.messages).toHaveLength(1);
});

test('cancelling what is unknown calls nothing back: it ends as unknown', async () => {
  await start('hold');
  const id = await send();
  await api.reach(id, 'unknown');
  await api.ask('POST', `/v1/messages/${id}/cancel`);
  const ended = await untilEnded(id);
  expect(typesOf(ended)).toEqual(['accepted', 'unknown', 'unknown']);
  expect(sink.messages).toHaveLength(1);
});

/** Waits until nothing more is due. */
function untilEnded(id: string): Promise<Story> {
  return until(async () => {
    const story = await api.story(id);
    return story.recipients.every(({ dueAt }) => dueAt === undefined) && story;
  }, `${id} to end`);
}

function typesOf({ events }: Story): string[] {
  return events.map(({ type }) => type);
}
