import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Api, Story } from '../../helpers/gates/api.ts';
import { until } from '../../helpers/gates/gate.ts';
import {
  type FarEnd,
  type GateWithFarEnds,
  startGateWithFarEnds,
} from '../../helpers/mail-servers/far-ends.ts';
import { FAULTS, type Fault, UNTRUSTED } from '../../helpers/mail-servers/faults.ts';

// Every fault × every API that takes mail × both ways of speaking SMTP, on one gate: each case has a far end, a provider
// and a sender domain of its own, so that none knows of another.

let gate: GateWithFarEnds;
let api: Api;
beforeAll(async () => {
  // Nothing is tried again before the test asks for it, however long it takes to look.
  gate = await startGateWithFarEnds({ 'delivery.unknownRetryMs': 600_000 });
  ({ api } = gate);
});
afterAll(() => gate.stop());

/** Hands in a message from a domain; resolves with its id. */
type Submit = (domain: string, text: string) => Promise<string>;

const DIALECTS: Readonly<Record<string, Submit>> = {
  v1: (domain, text) => api.send({ from: `a@${domain}`, to: 'b@rcpt.test', subject: 'Faults', text }),
  async powermta(domain, text) {
    const message = { from: `a@${domain}`, to: 'b@rcpt.test', subject: 'Faults', text };
    expect(await api.call('POST', '/messages', message)).toMatchObject({ status: 200 });
    const { messages } = await api.ask<{ messages: Story[] }>('GET', `/v1/messages?sender=@${domain}`);
    return messages[0]?.id ?? '';
  },
};
const CAPABILITIES = ['SIZE 52428800', '8BITMIME', 'ENHANCEDSTATUSCODES'];
const WAYS = { pipelined: ['PIPELINING', ...CAPABILITIES], serial: CAPABILITIES };

describe.concurrent.each(Object.entries(DIALECTS))('a message by %s', (dialect, submit) => {
  describe.each(Object.entries(WAYS))('over %s SMTP', (way, capabilities) => {
    test.for(FAULTS.map((fault, index) => ({ ...fault, domain: `${dialect}-${way}-${index}.test` })))(
      '$name: $state, and delivered once the far end is well',
      async fault => {
        let isWell = false;
        const farEnd = await gate.add(
          fault.domain,
          { capabilities, ...fault.sink, answer: step => (isWell ? undefined : fault.answer(step)) },
          fault.provider,
        );
        const id = await submit(fault.domain, 'Hello');
        const story = await api.reach(id, fault.state);
        expectFirstAttempt(story, fault, farEnd);
        expectCopies(farEnd, story, fault.hasDot ? 1 : 0);

        isWell = true;
        if (fault.isRemembered)
          await api.ask('PATCH', `/v1/providers/${farEnd.provider}`, { caption: 'well' });
        await api.retry(id);
        expectSecondAttempt(await api.reach(id, 'delivered'), fault, farEnd);
        expectCopies(farEnd, story, fault.hasDot ? 2 : 1);
      },
    );

    test('lost in the middle of a large message: deferred, as the dot cannot have been sent', async () => {
      const domain = `${dialect}-${way}-large.test`;
      let bodies = 0;
      const farEnd = await gate.add(domain, {
        capabilities,
        answer: ({ stage }) => (stage === 'body' && ++bodies === 1 ? { fault: 'stall' } : undefined),
      });
      const id = await submit(domain, 'long line\n'.repeat(800_000));
      await until(() => bodies === 1, 'the message to begin');
      farEnd.dropConnections();
      const story = await api.reach(id, 'deferred');
      expect(story.attempts).toMatchObject([{ provider: farEnd.provider, phase: 'body' }]);
      await api.retry(id);
      await api.reach(id, 'delivered');
      expectCopies(farEnd, story, 1);
    });
  });
});

test('no connection at all: deferred', async () => {
  const farEnd = await gate.add('refused.test');
  await farEnd.close();
  const story = await api.reach(await api.send({ from: 'a@refused.test', to: 'b@rcpt.test' }), 'deferred');
  expect(story.attempts).toMatchObject([{ provider: farEnd.provider, phase: 'connect' }]);
});

test.for([
  ['STARTTLS', 'starttls', 'tls'],
  ['TLS from the start', 'implicit', 'ssl'],
] as const)(
  '%s with a certificate of nobody we trust: deferred, and nothing in clear',
  async ([, mode, encryption]) => {
    const domain = `${mode}.test`;
    const farEnd = await gate.add(domain, { tls: { mode, certificate: UNTRUSTED } }, { encryption });
    const story = await api.reach(await api.send({ from: `a@${domain}`, to: 'b@rcpt.test' }), 'deferred');
    expect(story.attempts).toMatchObject([{ phase: 'tls', error: expect.stringMatching(/certificate/i) }]);
    const said = farEnd.sessions.flatMap(session => session.commands);
    expect(said.filter(line => !/^(EHLO|STARTTLS)/.test(line))).toEqual([]);
  },
);

test('a wrong password: nothing more is tried until it is changed, and the event log has an alert', async () => {
  const [{ sink, provider: settings } = {}] = FAULTS.filter(fault => fault.sink?.users !== undefined);
  const farEnd = await gate.add('password.test', sink, { ...settings, password: 'wrong' });
  const { provider } = farEnd;
  const message = { from: 'a@password.test', to: 'b@rcpt.test' };
  const first = await api.send(message);
  await api.reach(first, 'deferred');
  const second = await api.send(message);
  const alert = await until(
    async () => (await api.events()).find(event => event.type === 'alert' && event.provider === provider),
    'the alert',
  );
  expect(alert.data).toMatchObject({ breaker: 'opened', sign: 'bad-credentials', phase: 'auth' });
  expect(await api.story(second)).toMatchObject({ recipients: [{ state: 'queued', attempts: 0 }] });
  expect(farEnd.sessions).toHaveLength(1);

  await api.ask('PATCH', `/v1/providers/${provider}`, { password: 'secret' });
  await api.reach(second, 'delivered');
  await api.retry(first);
  await api.reach(first, 'delivered');
  expect(farEnd.messages).toHaveLength(2);
});

function expectFirstAttempt(story: Story, fault: Fault, { provider }: FarEnd): void {
  const { state, code } = fault;
  const phase = expect.stringMatching(new RegExp(`^(${fault.phase})$`));
  const isLive = state === 'deferred' || state === 'unknown';
  const [first, ...others] = story.attempts;
  expect(others).toEqual([]);
  expect(first).toMatchObject({ number: 1, provider, phase });
  expect(first?.reply?.code).toBe(code);
  expect(first?.error === undefined).toBe(code !== undefined);
  expect(story.recipients).toMatchObject([{ address: 'b@rcpt.test', state, attempts: 1 }]);
  expect(story.recipients[0]?.dueAt !== undefined).toBe(isLive);
  expect(story.events.map(event => event.type)).toEqual(['accepted', state]);
  expect(story.events[1]).toMatchObject({
    ...{ recipient: 'b@rcpt.test', provider },
    data: { attempt: 1, phase, ...(code !== undefined && { code }) },
  });
  expect(story.events[1]?.data['nextAttemptAt'] !== undefined).toBe(isLive);
}

/** A second copy is possible after `unknown` only, and then it is flagged. */
function expectSecondAttempt(story: Story, { state }: Fault, { provider }: FarEnd): void {
  const repeated = state === 'unknown' ? true : undefined;
  const [, second, ...others] = story.attempts;
  expect(others).toEqual([]);
  expect(second).toMatchObject({ number: 2, provider, phase: 'done', reply: { code: 250 } });
  expect(second?.repeated).toBe(repeated);
  expect(story.events.map(event => event.type)).toEqual(['accepted', state, 'retried', 'delivered']);
  expect(story.events[3]?.data['repeated']).toBe(repeated);
}

/** The far end read so many dots, and the same bytes before each. */
function expectCopies({ messages }: FarEnd, { messageId }: Story, count: number): void {
  expect(messages).toHaveLength(count);
  expect(new Set(messages.map(({ bytes }) => bytes.toString('latin1'))).size).toBe(Math.min(count, 1));
  for (const { bytes, recipients } of messages) {
    expect(/^Message-ID:\s+(\S+)\r$/m.exec(bytes.toString('latin1'))?.[1]).toBe(messageId);
    expect(recipients).toEqual(['b@rcpt.test']);
  }
}
