import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NextState } from '../../../src/core/settle.ts';
import type { LeasedMessage } from '../../../src/store/store.ts';
import { HOUR_MS } from '../../helpers/stores/store-message.ts';
import { createQueueModel, type ModelMessage, type QueueModel } from '../../helpers/stores/store-model.ts';
import { replay } from '../../helpers/stores/store-replay.ts';
import { createRig, type MakeHarness, type StoreRig } from '../../helpers/stores/store-rig.ts';

const RUNS = 40;
/** On a busy disk there are fewer. */
const LIMIT_MS = 10_000;

export function describeRandomWalk(makeHarness: MakeHarness): void {
  describe('any sequence of verbs', () => {
    test('does what a model in memory does, and leaves a log that tells the same', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40, size: 'max' }), async steps => {
          const harness = await makeHarness();
          const walk: Walk = { rig: await createRig(harness), model: createQueueModel(), leased: new Map() };
          try {
            for (const one of steps) {
              await take(walk, one);
              await expectSameQueue(walk);
            }
            await expectSameHistory(walk);
          } finally {
            await walk.rig.store.close();
            await harness.remove();
          }
        }),
        { numRuns: RUNS, interruptAfterTimeLimit: LIMIT_MS },
      );
    });
  });
}

interface Walk {
  readonly rig: StoreRig;
  readonly model: QueueModel;
  /** What we hold, as it was handed to us. */
  readonly leased: Map<string, LeasedMessage>;
}

const lane = fc.integer({ min: 0, max: 2 });
const delayMs = fc.constantFrom(0, 10, 1_000);
const pick = fc.nat(30);
const standing = fc.record({
  state: fc.constantFrom(
    'delivered',
    'bounced',
    'failed',
    'expired',
    'deferred',
    'unknown',
    'unknown for now',
  ),
  delayMs,
});
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      verb: fc.constant('enqueue' as const),
      recipients: fc.integer({ min: 1, max: 3 }),
      priority: fc.constantFrom('high', 'normal', 'bulk'),
      isHot: fc.boolean(),
      lane,
      delayMs,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      verb: fc.constant('claim' as const),
      lane,
      limit: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      verb: fc.constant('finish' as const),
      pick,
      standings: fc.array(standing, { minLength: 3, maxLength: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('release' as const), pick, lane, delayMs }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('finish what is not held' as const), pick }) },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('cancel' as const), pick }) },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('retry' as const), pick }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('moveLane' as const), from: lane, to: lane }) },
  {
    weight: 2,
    arbitrary: fc.record({ verb: fc.constant('advance' as const), ms: fc.constantFrom(1, 10, 1_000) }),
  },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('restart' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function take(walk: Walk, one: Step): Promise<void> {
  const { rig, model } = walk;
  switch (one.verb) {
    case 'enqueue':
      return enqueue(walk, one);
    case 'claim':
      return claim(walk, one);
    case 'finish':
      return finish(walk, one);
    case 'release':
      return release(walk, one);
    case 'finish what is not held':
      return finishUnheld(walk, one);
    case 'cancel': {
      const message = pickOf(model.messages, one.pick);
      if (message)
        expect(await rig.store.queue.cancel({ id: message.id, now: rig.now() })).toBe(model.cancel(message));
      return;
    }
    case 'retry': {
      const message = pickOf(model.messages, one.pick);
      const request = { id: message?.id ?? '', now: rig.now(), expiresAt: rig.now() + HOUR_MS };
      if (message) expect(await rig.store.queue.retry(request)).toBe(model.retry(message, rig.now()));
      return;
    }
    case 'moveLane':
      expect(await rig.store.queue.moveLane(one.from, one.to)).toBe(model.moveLane(one.from, one.to));
      return;
    case 'advance':
      return rig.advance(one.ms);
    case 'restart':
      return restart(walk);
  }
}

async function enqueue({ rig, model, leased }: Walk, one: Step & { verb: 'enqueue' }): Promise<void> {
  const { priority, isHot, lane, delayMs } = one;
  const to = Array.from({ length: one.recipients }, (_, i) => `r${i}@rcpt.test`);
  const settings = { to, priority, lane, account: 1 + (lane % 2) };
  if (isHot) {
    const message = await rig.acceptHot(settings);
    leased.set(message.id, message);
    model.enqueue({ ...rig.newMessage(settings), id: message.id, lease: rig.lease });
  } else model.enqueue(await rig.accept({ ...settings, dueAt: rig.now() + delayMs }));
}

async function claim({ rig, model, leased }: Walk, { lane, limit }: Step & { verb: 'claim' }): Promise<void> {
  const request = { lane, lease: rig.lease, now: rig.now(), limit, maxBytes: 1e9 };
  const { messages, nextDueAt } = await rig.store.queue.claim(request);
  const expected = model.claim(lane, rig.now(), limit);
  expect(messages.map(factsOf)).toEqual(expected.claimed.map(expectedFactsOf));
  expect(nextDueAt).toBe(expected.nextDueAt);
  for (const message of messages) leased.set(message.id, message);
}

function factsOf({ id, account, lane, attempt, recipients }: LeasedMessage) {
  const due = recipients.map(one => [one.index, one.attempts, one.wasUnknown]);
  return { id, account, lane, attempt, due };
}

function expectedFactsOf({ id, account, lane, attempt, recipients, leasedFor = [] }: ModelMessage) {
  const due = leasedFor.map(index => [
    index,
    recipients[index]?.attempts,
    recipients[index]?.state === 'unknown',
  ]);
  return { id, account, lane, attempt, due };
}

async function finish({ rig, model, leased }: Walk, one: Step & { verb: 'finish' }): Promise<void> {
  const message = pickOf([...leased.values()], one.pick);
  const known = model.messages.find(({ id }) => id === message?.id);
  if (message === undefined || known === undefined) return;
  const standings = one.standings.slice(0, message.recipients.length).map(({ state, delayMs }): NextState => {
    const dueAt = rig.now() + delayMs;
    if (state === 'unknown for now') return { state: 'unknown', dueAt };
    return state === 'deferred' ? { state, dueAt } : { state };
  });
  expect(await rig.finish(message, standings)).toBe(true);
  model.finish(known, standings);
  leased.delete(message.id);
}

async function release({ rig, model, leased }: Walk, one: Step & { verb: 'release' }): Promise<void> {
  const message = pickOf([...leased.values()], one.pick);
  const known = model.messages.find(({ id }) => id === message?.id);
  if (message === undefined || known === undefined) return;
  const back = { id: message.id, lease: rig.lease, lane: one.lane, dueAt: rig.now() + one.delayMs };
  expect(await rig.hurry(rig.store.queue.release(back))).toBe(true);
  model.release(known, back.lane, back.dueAt);
  leased.delete(message.id);
}

async function finishUnheld({ rig, model, leased }: Walk, one: { pick: number }): Promise<void> {
  const unheld = model.messages.filter(({ id }) => !leased.has(id));
  const { id, account } = pickOf(unheld, one.pick) ?? { id: rig.newMessage().id, account: 1 };
  const results = [{ index: 0, state: 'delivered' as const }];
  const claimed = { id, account, lease: rig.lease, at: rig.now(), attempts: [], results, lane: 1 };
  expect(await rig.hurry(rig.store.queue.finish(claimed))).toBe(false);
}

/** The process dies; its successor takes over all that it held, of which nothing was sent. */
async function restart({ rig, leased }: Walk): Promise<void> {
  await rig.restart();
  for (const from of await rig.store.nodes.dead(rig.now(), rig.lease)) {
    const adopted = await rig.store.queue.adopt({ from, to: rig.lease, limit: 1_000 });
    for (const { message, facts } of adopted) {
      expect(message.attempt).toBe(leased.get(message.id)?.attempt);
      expect(facts).toEqual([]);
    }
    await rig.store.nodes.leave(from);
  }
}

async function expectSameQueue({ rig, model }: Walk): Promise<void> {
  const depth = await rig.store.queue.depth();
  expect(depth.toSorted((a, b) => a.lane - b.lane)).toEqual(model.depth());
}

async function expectSameHistory({ rig, model }: Walk): Promise<void> {
  const seqs = (await rig.events()).map(event => BigInt(event.seq));
  expect(seqs).toEqual([...new Set(seqs)].toSorted((a, b) => (a < b ? -1 : 1)));
  for (const message of model.messages) {
    const view = await rig.view(message.id);
    expect(view.isLeased).toBe(message.leasedFor !== undefined);
    expect(view.recipients.map(({ state, dueAt, attempts }) => ({ state, dueAt, attempts }))).toEqual(
      message.recipients.map(({ state, dueAt, attempts }) => ({ state, dueAt, attempts })),
    );
    const log = replay(
      await rig.events(message.id),
      view.recipients.map(one => one.address),
    );
    expect(log).toEqual(view.recipients.map(one => ({ state: one.state, isLive: one.dueAt !== undefined })));
    const numbers = (await rig.store.history.attempts(message.id)).map(attempt => attempt.number);
    expect(numbers.every((number, i) => number > (numbers[i - 1] ?? 0))).toBe(true);
  }
}

function pickOf<T>(list: readonly T[], wish: number): T | undefined {
  return list[wish % list.length];
}
