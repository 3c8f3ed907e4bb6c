import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Api, Story } from '../../helpers/gates/api.ts';
import {
  type FarEnd,
  type GateWithFarEnds,
  startGateWithFarEnds,
} from '../../helpers/mail-servers/far-ends.ts';
import type { SinkStep } from '../../helpers/mail-servers/smtp-sink.ts';

// Replies to RCPT are about one recipient: what becomes of the others is their own affair.

let gate: GateWithFarEnds;
let api: Api;
beforeAll(async () => {
  gate = await startGateWithFarEnds();
  ({ api } = gate);
});
afterAll(() => gate.stop());

const WAYS = { pipelined: ['PIPELINING'], serial: [] };

describe.concurrent.each(Object.entries(WAYS))('over %s SMTP', (way, capabilities) => {
  const domainOf = (name: string) => `${name}-${way}.test`;
  const send = (domain: string, to: readonly string[]) => api.send({ from: `a@${domain}`, to, text: 'x' });

  test('each recipient has its own reply, and who got the mail does not get it again', async () => {
    const domain = domainOf('mixed');
    const replies: Readonly<Record<string, string>> = {
      later: '450 4.2.1 later',
      full: '452 4.2.2 mailbox full',
      gone: '550 5.1.1 gone',
    };
    const farEnd = await gate.add(domain, {
      capabilities,
      answer: step => (step.message === 1 ? replies[nameIn(step)] : undefined),
    });
    const id = await send(domain, ['one', 'later', 'gone', 'two'].map(inRcptTest));
    const story = await api.reach(id, 'delivered', 'deferred', 'bounced');
    expect(statesOf(story)).toEqual(['delivered', 'deferred', 'bounced', 'delivered']);
    expect(story.recipients.map(({ lastReply }) => lastReply?.code)).toEqual([250, 450, 550, 250]);
    expect(
      story.events.map(({ type, recipient = '' }) => `${type} ${recipient.split('@')[0]}`.trim()),
    ).toEqual(['accepted', 'delivered one', 'deferred later', 'bounced gone', 'delivered two']);
    expect(story.attempts).toHaveLength(1);

    await api.retry(id);
    await api.reach(id, 'delivered');
    expect(recipientsOf(farEnd)).toEqual([
      ['one', 'two'],
      ['later', 'gone'],
    ]);
  });

  test('452 after some were taken: the others follow at once, each exactly once', async () => {
    const domain = domainOf('too-many');
    const farEnd = await gate.add(domain, {
      capabilities,
      answer: ({ stage, recipient }) =>
        stage === 'rcpt' && recipient > 3 ? '452 4.5.3 too many recipients' : undefined,
    });
    const names = Array.from({ length: 10 }, (_, n) => `r${n}`);
    const story = await api.reach(await send(domain, names.map(inRcptTest)), 'delivered');
    expect(recipientsOf(farEnd).flat().sort()).toEqual(names);
    expect(recipientsOf(farEnd).map(group => group.length)).toEqual([3, 3, 3, 1]);
    expect(story.attempts.map(({ number, phase }) => [number, phase])).toEqual([
      [1, 'done'],
      [2, 'done'],
      [3, 'done'],
      [4, 'done'],
    ]);
    expect(story.events.filter(({ type }) => type !== 'delivered')).toMatchObject([{ type: 'accepted' }]);
  });

  test('a provider that takes two recipients is given two at a time', async () => {
    const domain = domainOf('two');
    const farEnd = await gate.add(domain, { capabilities }, { maxRecipientsPerMessage: 2 });
    await api.reach(await send(domain, ['a', 'b', 'c', 'd', 'e'].map(inRcptTest)), 'delivered');
    expect(recipientsOf(farEnd)).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
  });

  test('all refused although DATA is granted: nothing is sent to anybody', async () => {
    const domain = domainOf('nobody');
    const farEnd = await gate.add(domain, {
      capabilities,
      answer: ({ stage, recipient }) =>
        stage === 'rcpt' ? (recipient === 1 ? '550 5.1.1 gone' : '451 4.3.0 later') : dataGranted(stage),
    });
    const story = await api.reach(await send(domain, ['a', 'b'].map(inRcptTest)), 'bounced', 'deferred');
    expect(statesOf(story)).toEqual(['bounced', 'deferred']);
    // RFC 2920 3.1: who pipelines may have to end an empty message that nobody gets.
    for (const { recipients, bytes } of farEnd.messages) expect([recipients, bytes.length]).toEqual([[], 0]);
  });

  test.each([
    ['451 4.3.0 later', 'deferred'],
    ['554 5.6.0 no', 'bounced'],
  ])('the dot answered %s: who was refused before stays refused, the others are %s', async (reply, state) => {
    const domain = domainOf(state);
    const farEnd = await gate.add(domain, {
      capabilities,
      answer: step => (step.stage === 'dot' ? reply : nameIn(step) === 'gone' ? '550 5.1.1 gone' : undefined),
    });
    const story = await api.reach(await send(domain, ['a', 'gone', 'b'].map(inRcptTest)), state, 'bounced');
    expect(statesOf(story)).toEqual([state, 'bounced', state]);
    expect(story.recipients[1]?.lastReply).toMatchObject({ code: 550, enhanced: '5.1.1' });
    expect(farEnd.messages).toHaveLength(1);
  });

  test('lost after the dot: unknown are those who were in it, and nobody else gets a second copy', async () => {
    const domain = domainOf('unknown');
    const farEnd = await gate.add(domain, {
      capabilities,
      answer: step => {
        if (step.stage === 'dot' && farEnd.messages.length === 1) return { fault: 'reset' };
        return nameIn(step) === 'gone' ? '550 5.1.1 gone' : undefined;
      },
    });
    const id = await send(domain, ['a', 'gone', 'b'].map(inRcptTest));
    expect(statesOf(await api.reach(id, 'unknown', 'bounced'))).toEqual(['unknown', 'bounced', 'unknown']);
    await api.retry(id);
    const story = await api.reach(id, 'delivered', 'bounced');
    expect(statesOf(story)).toEqual(['delivered', 'bounced', 'delivered']);
    expect(story.attempts.map(({ repeated = false }) => repeated)).toEqual([false, true]);
    expect(recipientsOf(farEnd)).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });
});

function inRcptTest(name: string): string {
  return `${name}@rcpt.test`;
}

function dataGranted(stage: SinkStep['stage']): string | undefined {
  return stage === 'data' ? '354 go on' : undefined;
}

/** The local part that a RCPT names; '' for other commands. */
function nameIn({ stage, line }: SinkStep): string {
  return stage === 'rcpt' ? (/<([^@]+)@/.exec(line)?.[1] ?? '') : '';
}

function statesOf({ recipients }: Story): string[] {
  return recipients.map(({ state }) => state);
}

/** The local parts in each message that the far end took. */
function recipientsOf({ messages }: FarEnd): string[][] {
  return messages.map(({ recipients }) => recipients.map(address => address.split('@')[0] ?? ''));
}
