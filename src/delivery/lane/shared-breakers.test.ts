import { describe, expect, onTestFinished, test } from 'vitest';
import {
  ACCEPTED,
  answering,
  createDeliveryRig,
  type DeliveryRig,
} from '../../../test/helpers/gates/delivery-rig.ts';
import { until } from '../../../test/helpers/gates/gate.ts';
import type { Lane } from './lane.ts';
import { type SharedBreakers, shareBreakerStates } from './shared-breakers.ts';

const SECOND = 1_000;

interface Pair {
  readonly rig: DeliveryRig;
  readonly lane: Lane;
  /** Another node. It has no lanes of its own. */
  readonly other: SharedBreakers;
  /** How many times a state of the other node was applied. */
  readonly changes: () => number;
}

/** A node, and another one on the same store. */
async function createPair(): Promise<Pair> {
  const rig = await createDeliveryRig();
  const { id } = await rig.addProvider(async () => ({ phase: 'connect', error: 'x', recipients: [] }));
  const { registry } = rig.store;
  let count = 0;
  const shared = { registry, now: rig.now, onError: (error: unknown) => void rig.errors.push(error) };
  const ours = await shareBreakerStates({
    ...shared,
    lanes: rig.lanes,
    lease: 1,
    onChange: () => void count++,
  });
  const other = await shareBreakerStates({
    ...{ ...shared, lanes: { of: () => undefined } },
    ...{ lease: 2, onChange: () => {} },
  });
  onTestFinished(async () => {
    ours.stop();
    other.stop();
    await rig.close();
    expect(rig.errors).toEqual([]);
  });
  const lane = rig.lanes.of(id);
  if (lane === undefined) throw new Error('There is no lane.');
  return { rig, lane, other, changes: () => count };
}

describe('a breaker of another node', () => {
  test('that opens limits this node to one attempt at a time', async () => {
    const { rig, lane, other, changes } = await createPair();
    other.publish(lane.provider.id, 'opened');
    await until(() => changes() === 1, 'the state to be applied');
    expect(lane.breaker.allowance(rig.now(), 0)).toBe(1);
    expect(lane.breaker.allowance(rig.now(), 1)).toBe(0);
  });

  test('that opens makes all messages but one go to the next provider', async () => {
    const { rig, lane, other, changes } = await createPair();
    const second = await rig.addProvider(answering(ACCEPTED), { priority: 20 });
    other.publish(lane.provider.id, 'opened');
    await until(() => changes() === 1, 'the state to be applied');
    const messages = await Promise.all(Array.from({ length: 5 }, () => rig.accept(lane.provider.id)));
    const ended = async () => {
      const views = await Promise.all(messages.map(({ id }) => rig.store.history.message(id)));
      return views.every(view => view?.recipients[0]?.state === 'delivered');
    };
    await until(ended, 'all to be delivered');
    const tried = rig.sent.map(({ provider }) => provider);
    expect(tried.filter(provider => provider === lane.provider.id)).toHaveLength(1);
    expect(tried.filter(provider => provider === second.id)).toHaveLength(5);
  });

  test('that closes makes an open breaker of this node test the provider at once', async () => {
    const { rig, lane, other, changes } = await createPair();
    for (let i = 0; i < 5; i++) lane.breaker.note('trouble', rig.now());
    expect(lane.breaker.allowance(rig.now(), 0)).toBe(0);
    other.publish(lane.provider.id, 'opened');
    await until(() => changes() === 1, 'the state to be applied');
    expect(lane.breaker.allowance(rig.now() + 29 * SECOND, 0)).toBe(0);
    other.publish(lane.provider.id, 'closed');
    await until(() => changes() === 2, 'the next state to be applied');
    expect(lane.breaker.allowance(rig.now(), 0)).toBe(1);
  });

  test('is kept in one record, and states from before the start of this node are ignored', async () => {
    const { rig, lane, other, changes } = await createPair();
    for (const breaker of ['opened', 'closed', 'opened'] as const) {
      const before = changes();
      other.publish(lane.provider.id, breaker);
      await until(() => changes() > before, 'the state to be applied');
    }
    expect(await rig.store.registry.list('hint')).toMatchObject([{ breaker: 'opened', count: 3 }]);
    let isApplied = false;
    const late = await shareBreakerStates({
      ...{ registry: rig.store.registry, lanes: rig.lanes, lease: 3, now: rig.now },
      ...{ onChange: () => (isApplied = true), onError: error => void rig.errors.push(error) },
    });
    onTestFinished(late.stop);
    other.publish(99, 'opened');
    await until(() => isApplied, 'the next state to be applied');
    expect(changes()).toBe(4);
  });
});
