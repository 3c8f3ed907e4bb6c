import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  ACCEPTED,
  answering,
  createDeliveryRig,
  type DeliveryRig,
  type Script,
} from '../../test/helpers/gates/delivery-rig.ts';
import { until } from '../../test/helpers/gates/gate.ts';
import type { Transmission } from '../core/outcome.ts';
import type { Provider } from '../core/provider.ts';

const NO_CONNECTION: Transmission = { phase: 'connect', error: 'refused', recipients: [] };
const NEVER = new AbortController().signal;

let rig: DeliveryRig;
beforeEach(async () => {
  rig = await createDeliveryRig();
});
afterEach(async () => {
  await rig.close();
  expect(rig.errors).toEqual([]);
});

/** A provider whose lane accepts messages from memory. */
async function hotProvider(script: Script, settings?: Parameters<DeliveryRig['addProvider']>[1]) {
  const provider = await rig.addProvider(script, settings);
  await untilHot(provider);
  return provider;
}

async function untilHot({ id }: Provider): Promise<void> {
  await until(() => rig.dispatcher.reserve(id, 0, 1), 'the lane to be free');
  rig.dispatcher.release(id, 0);
}

describe('the first outcome', () => {
  test('is the result of the attempt, once it is written', async () => {
    const { id } = await hotProvider(answering(ACCEPTED));
    const message = await rig.accept(id);
    expect(await rig.dispatcher.firstOutcome(message.id, NEVER)).toMatchObject({
      id: message.id,
      results: [{ index: 0, state: 'delivered' }],
    });
    const view = await rig.store.history.message(message.id);
    expect(view?.recipients[0]?.state).toBe('delivered');
  });

  test('is the result after failover', async () => {
    const bad = await hotProvider(answering(NO_CONNECTION), { priority: 1 });
    const good = await hotProvider(answering(ACCEPTED), { priority: 2 });
    await untilHot(bad);
    const message = await rig.accept(bad.id);
    expect(await rig.dispatcher.firstOutcome(message.id, NEVER)).toMatchObject({
      attempts: [{ provider: bad.id }, { provider: good.id }],
      results: [{ state: 'delivered' }],
    });
  });

  test('is deferred when the message is tried again later', async () => {
    const { id } = await hotProvider(answering(NO_CONNECTION));
    const message = await rig.accept(id);
    expect(await rig.dispatcher.firstOutcome(message.id, NEVER)).toMatchObject({
      results: [{ state: 'deferred' }],
    });
  });

  test('is queued at once for a message that is not in memory', async () => {
    const { id } = await rig.addProvider(answering(ACCEPTED), { isEnabled: false });
    const message = await rig.accept(id);
    expect(await rig.dispatcher.firstOutcome(message.id, NEVER)).toBe('queued');
  });

  test('is queued at once for a message that waits for the limits of its provider', async () => {
    const { id } = await hotProvider(answering(ACCEPTED), { limits: { maxPerHour: 1 } });
    const [first, second] = [await rig.accept(id), await rig.accept(id)];
    const outcomes = await Promise.all(
      [first, second].map(one => rig.dispatcher.firstOutcome(one.id, NEVER)),
    );
    expect(outcomes).toMatchObject([{ id: first.id }, 'queued']);
    expect(await rig.dispatcher.firstOutcome((await rig.accept(id)).id, NEVER)).toBe('queued');
  });

  test('is queued when the signal aborts, and the message is delivered all the same', async () => {
    const gate = Promise.withResolvers<void>();
    const { id } = await hotProvider(async (_parcel, { beforeDot }) => {
      await gate.promise;
      await beforeDot([]);
      return ACCEPTED;
    });
    const message = await rig.accept(id);
    const impatient = new AbortController();
    const outcome = rig.dispatcher.firstOutcome(message.id, impatient.signal);
    impatient.abort();
    expect(await outcome).toBe('queued');
    const second = rig.dispatcher.firstOutcome(message.id, NEVER);
    gate.resolve();
    expect(await second).toMatchObject({ results: [{ state: 'delivered' }] });
  });

  test('is queued when a shutdown returns the message to the store', async () => {
    const gate = Promise.withResolvers<void>();
    const { id } = await hotProvider(async () => {
      await gate.promise;
      return NO_CONNECTION;
    });
    const messages = [];
    for (let i = 0; i < 5; i++) messages.push(await rig.accept(id));
    const last = messages.at(-1)?.id ?? '';
    const outcome = rig.dispatcher.firstOutcome(last, NEVER);
    const drained = rig.dispatcher.drain();
    gate.resolve();
    expect(await outcome).toBe('queued');
    await drained;
  });
});
