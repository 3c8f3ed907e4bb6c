import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Api } from '../../helpers/gates/api.ts';
import { type GateWithFarEnds, startGateWithFarEnds } from '../../helpers/mail-servers/far-ends.ts';
import { FAULTS, type Fault } from '../../helpers/mail-servers/faults.ts';
import type { SinkStep } from '../../helpers/mail-servers/smtp-sink.ts';

// Two providers: what the first certainly did not accept, for reasons of its own, goes to the second at once. Nothing else.

let gate: GateWithFarEnds;
let api: Api;
beforeAll(async () => {
  gate = await startGateWithFarEnds();
  ({ api } = gate);
});
afterAll(() => gate.stop());

const cases = FAULTS.map((fault, index) => ({ ...fault, domain: `failover-${index}.test` }));

describe.concurrent('the first provider has trouble of its own', () => {
  test.for(cases.filter(fault => fault.failsOver))('$name: the second delivers at once', async fault => {
    const { first, second } = await addTwo(fault, fault.answer);
    const story = await api.reach(await send(fault.domain), 'delivered');
    expect(story.attempts.map(({ number, provider, phase }) => [number, provider, phase])).toEqual([
      [1, first.provider, expect.stringMatching(new RegExp(`^(${fault.phase})$`))],
      [2, second.provider, 'done'],
    ]);
    expect(story.events.map(event => event.type)).toEqual(['accepted', 'delivered']);
    expect(story.events[1]).toMatchObject({ provider: second.provider, data: { attempt: 2 } });
    expect(second.messages).toHaveLength(1);
  });
});

describe.concurrent('the first provider has said no, or may have taken it', () => {
  test.for(cases.filter(fault => !fault.failsOver))('$name: the second never hears of it', async fault => {
    let isWell = false;
    const { first, second } = await addTwo(fault, step => (isWell ? undefined : fault.answer(step)));
    const id = await send(fault.domain);
    await api.reach(id, fault.state);
    isWell = true;
    await api.retry(id);
    await api.reach(id, 'delivered');
    expect(first.messages.at(-1)?.reply).toMatch(/^250/);
    expect(second.sessions).toEqual([]);
  });
});

test('what may have been accepted goes to the same provider again, and only if that is away to the other one', async () => {
  const domain = 'second-copy.test';
  const fault = { fault: 'reset' } as const;
  const { first, second } = await addTwo({ domain }, ({ stage }) => (stage === 'dot' ? fault : undefined));
  const id = await send(domain);
  await api.reach(id, 'unknown');
  expect(second.sessions).toEqual([]);
  await first.close();
  await api.retry(id);
  const { attempts } = await api.reach(id, 'delivered');
  expect(attempts).toMatchObject([
    { provider: first.provider, phase: 'dot' },
    { provider: first.provider, phase: 'connect', repeated: true },
    { provider: second.provider, phase: 'done', repeated: true },
  ]);
});

test('with the breaker of the first open, mail does not wait for it: the second delivers, and an alert is in the log', async () => {
  const domain = 'breaker.test';
  const { first, second } = await addTwo({ domain });
  await first.close();
  const ids = await api.sendMany(Array.from({ length: 40 }, () => messageFrom(domain)));
  for (const id of ids) await api.reach(id, 'delivered');
  const late = await send(domain);
  const story = await api.reach(late, 'delivered');
  expect(story.attempts).toMatchObject([{ number: 1, provider: second.provider, phase: 'done' }]);
  expect(second.messages).toHaveLength(41);
  const alerts = (await api.events()).filter(
    event => event.type === 'alert' && event.provider === first.provider,
  );
  expect(alerts).toMatchObject([{ data: { breaker: 'opened', sign: 'trouble', phase: 'connect' } }]);
});

type Answer = (step: SinkStep) => ReturnType<Fault['answer']>;

async function addTwo(
  { domain, sink, provider }: Pick<Fault, 'sink' | 'provider'> & { domain: string },
  answer?: Answer,
) {
  const first = await gate.add(domain, { ...sink, ...(answer && { answer }) }, { ...provider, priority: 1 });
  const second = await gate.add(domain, {}, { priority: 2 });
  return { first, second };
}

function messageFrom(domain: string) {
  return { from: `a@${domain}`, to: 'b@rcpt.test', text: 'x' };
}

function send(domain: string): Promise<string> {
  return api.send(messageFrom(domain));
}
