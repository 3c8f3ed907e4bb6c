import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  ACCEPTED,
  answering,
  createDeliveryRig,
  type DeliveryRig,
} from '../../../test/helpers/gates/delivery-rig.ts';
import { until } from '../../../test/helpers/gates/gate.ts';
import type { Address } from '../../core/address.ts';
import type { Transmission } from '../../core/outcome.ts';
import type { NewMessage } from '../../store/store.ts';

const HOUR = 3_600_000;
const NO_CONNECTION: Transmission = { phase: 'connect', error: 'refused', recipients: [] };
const REFUSED: Transmission = {
  phase: 'mail',
  reply: { code: 550, enhanced: '5.7.1', text: 'not from you' },
  recipients: [],
};

let rig: DeliveryRig;
beforeEach(async () => {
  rig = await createDeliveryRig();
});
afterEach(async () => {
  await rig.close();
  expect(rig.errors).toEqual([]);
});

async function acceptMany(lane: number, count: number): Promise<NewMessage[]> {
  const messages: NewMessage[] = [];
  for (let i = 0; i < count; i++) messages.push(await rig.accept(lane));
  return messages;
}

function acceptLarge(lane: number, count: number): Promise<NewMessage> {
  const recipients = Array.from({ length: count }, (_, i) => `to${i}@rcpt.test` as Address);
  return rig.accept(lane, { envelope: { sender: '', recipients } });
}

/** Waits until so many messages were sent, and all others lie in the store. */
async function settled(sent: number): Promise<void> {
  await until(() => rig.sent.length >= sent, `${sent} to be sent`);
  await until(async () => {
    const { items } = await rig.store.history.list({}, { limit: 100 });
    return items.every(item => !item.isLeased);
  }, 'every lease to be given back');
  expect(rig.sent).toHaveLength(sent);
}

const answerAll: Parameters<DeliveryRig['addProvider']>[0] = async (parcel, { beforeDot }) => {
  await beforeDot([]);
  return { ...ACCEPTED, recipients: parcel.envelope.recipients.map(() => ({ code: 250, text: 'ok' })) };
};

describe('the limits of a provider', () => {
  test('allow so many messages per second, and count no attempt for those that wait', async () => {
    const { id } = await rig.addProvider(answerAll, { limits: { maxPerSecond: 5 } });
    const messages = await acceptMany(id, 12);
    await settled(5);
    const views = await Promise.all(messages.map(one => rig.store.history.message(one.id)));
    expect(views.map(view => view?.recipients[0]?.attempts).toSorted()).toEqual([
      ...Array(7).fill(0),
      ...Array(5).fill(1),
    ]);
    expect(views.filter(view => view?.recipients[0]?.state === 'queued')).toHaveLength(7);
    rig.advance(999);
    await settled(5);
    rig.advance(1);
    await settled(10);
    rig.advance(1_000);
    await settled(12);
  });

  test('keep the order of the messages that wait', async () => {
    const { id } = await rig.addProvider(answerAll, { limits: { maxPerSecond: 2 } });
    const messages = await acceptMany(id, 4);
    await settled(2);
    messages.push(...(await acceptMany(id, 2)));
    for (const sent of [4, 6]) {
      rig.advance(1_000);
      await settled(sent);
    }
    const order = await Promise.all(messages.map(({ id: one }) => rig.store.history.attempts(one)));
    const times = order.map(([attempt]) => attempt?.startedAt ?? 0);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test('count recipients, and a changed limit applies to the next attempt', async () => {
    const { id } = await rig.addProvider(answerAll, { limits: { maxPerHour: 5 } });
    await acceptLarge(id, 3);
    await settled(1);
    await acceptMany(id, 5);
    await settled(3);
    await rig.store.registry.change('provider', id, old => ({
      ...old,
      limits: { maxPerHour: 6 },
      updatedAt: 1,
    }));
    await rig.lanes.refresh();
    rig.advance(0);
    await settled(4);
  });

  test('allow a message with more recipients than the limit when nothing of it is used', async () => {
    const { id } = await rig.addProvider(answerAll, { limits: { maxPerSecond: 2 } });
    await acceptMany(id, 1);
    await settled(1);
    await acceptLarge(id, 5);
    await acceptMany(id, 1);
    await settled(1);
    rig.advance(1_000);
    await settled(2);
    expect(rig.sent.at(-1)?.parcel.envelope.recipients).toHaveLength(5);
    rig.advance(1_000);
    await settled(3);
  });

  test('allow small messages while a large one has to wait for long', async () => {
    const { id } = await rig.addProvider(answerAll, { limits: { maxPerHour: 10 } });
    await acceptLarge(id, 6);
    await settled(1);
    const large = await acceptLarge(id, 6);
    await acceptMany(id, 4);
    await settled(5);
    const view = await rig.store.history.message(large.id);
    expect(view?.recipients[0]).toMatchObject({ state: 'queued', attempts: 0 });
    rig.advance(HOUR);
    await settled(6);
  });

  test('do not count attempts that fail before RCPT', async () => {
    const answers = [NO_CONNECTION, NO_CONNECTION, NO_CONNECTION, ACCEPTED];
    const { id } = await rig.addProvider(answering(...answers), { limits: { maxPerDay: 2 } });
    await acceptMany(id, 5);
    await until(() => rig.sent.length === 5, 'three failures and two deliveries');
    rig.advance(HOUR);
    await settled(5);
  });

  test('delay a message that another provider refused, when the next provider is at its limit', async () => {
    const bad = await rig.addProvider(answering(REFUSED), { priority: 1 });
    const good = await rig.addProvider(answerAll, { priority: 2, limits: { maxPerHour: 1 } });
    await rig.accept(good.id);
    await settled(1);
    const message = await rig.accept(bad.id);
    await until(async () => {
      const view = await rig.store.history.message(message.id);
      return view?.recipients[0]?.state === 'deferred';
    }, 'the message to be deferred');
    rig.advance(HOUR);
    await until(() => rig.sent.filter(one => one.provider === good.id).length === 2, 'the other provider');
  });
});
