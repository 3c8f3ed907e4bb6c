import { describe, expect, onTestFinished, test } from 'vitest';
import {
  ACCEPTED,
  answering,
  createDeliveryRig,
  type DeliveryRig,
} from '../../../test/helpers/delivery-rig.ts';
import { until } from '../../../test/helpers/gate.ts';
import type { Lane } from './lane.ts';
import { type BreakerHints, shareBreakers } from './shared-breakers.ts';

const SECOND = 1_000;

interface Pair {
  readonly rig: DeliveryRig;
  readonly lane: Lane;
  /** Another node, whose lanes are not looked at. */
  readonly other: BreakerHints;
  readonly heard: () => number;
}

/** A node that listens, and another on the same store. */
async function createPair(): Promise<Pair> {
  const rig = await createDeliveryRig();
  const { id } = await rig.addProvider(async () => ({ phase: 'connect', error: 'x', recipients: [] }));
  const { registry } = rig.store;
  let count = 0;
  const shared = { registry, now: rig.now, onError: (error: unknown) => void rig.errors.push(error) };
  const ours = await shareBreakers({ ...shared, lanes: rig.lanes, lease: 1, onHeard: () => void count++ });
  const other = await shareBreakers({
    ...{ ...shared, lanes: { of: () => undefined } },
    ...{ lease: 2, onHeard: () => {} },
  });
  onTestFinished(async () => {
    ours.stop();
    other.stop();
    await rig.close();
    expect(rig.errors).toEqual([]);
  });
  const lane = rig.lanes.of(id);
  if (lane === undefined) throw new Error('There is no lane.');
  return { rig, lane, other, heard: () => count };
}

describe('the breaker of another node', () => {
  test('that opened lets one attempt through here, at once', async () => {
    const { rig, lane, other, heard } = await createPair();
    other.tell(lane.provider.id, 'opened');
    await until(() => heard() === 1, 'the hint to be heard');
    expect(lane.breaker.allowance(rig.now(), 0)).toBe(1);
    expect(lane.breaker.allowance(rig.now(), 1)).toBe(0);
  });

  test('that opened makes all but that attempt take another way', async () => {
    const { rig, lane, other, heard } = await createPair();
    const second = await rig.addProvider(answering(ACCEPTED), { priority: 20 });
    other.tell(lane.provider.id, 'opened');
    await until(() => heard() === 1, 'the hint to be heard');
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

  test('that closed makes an open one be probed at once', async () => {
    const { rig, lane, other, heard } = await createPair();
    for (let i = 0; i < 5; i++) lane.breaker.note('trouble', rig.now());
    expect(lane.breaker.allowance(rig.now(), 0)).toBe(0);
    other.tell(lane.provider.id, 'opened');
    await until(() => heard() === 1, 'the hint to be heard');
    expect(lane.breaker.allowance(rig.now() + 29 * SECOND, 0)).toBe(0);
    other.tell(lane.provider.id, 'closed');
    await until(() => heard() === 2, 'the next to be heard');
    expect(lane.breaker.allowance(rig.now(), 0)).toBe(1);
  });

  test('is one record, however often it changes, and what it said before we began is not heard', async () => {
    const { rig, lane, other, heard } = await createPair();
    for (const breaker of ['opened', 'closed', 'opened'] as const) {
      const before = heard();
      other.tell(lane.provider.id, breaker);
      await until(() => heard() > before, 'the hint to be heard');
    }
    expect(await rig.store.registry.list('hint')).toMatchObject([{ breaker: 'opened', count: 3 }]);
    let isHeard = false;
    const late = await shareBreakers({
      ...{ registry: rig.store.registry, lanes: rig.lanes, lease: 3, now: rig.now },
      ...{ onHeard: () => (isHeard = true), onError: error => void rig.errors.push(error) },
    });
    onTestFinished(late.stop);
    other.tell(99, 'opened');
    await until(() => isHeard, 'the next hint to be heard');
    expect(heard()).toBe(4);
  });
});
