import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  ACCEPTED,
  answering,
  createDeliveryRig,
  type DeliveryRig,
} from '../../../test/helpers/gates/delivery-rig.ts';
import { until } from '../../../test/helpers/gates/gate.ts';
import type { Address } from '../../core/address.ts';
import type { RecipientState, Transmission } from '../../core/outcome.ts';
import type { NewMessage } from '../../store/store.ts';

const MINUTE = 60_000;
const NO_CONNECTION: Transmission = { phase: 'connect', error: 'refused', recipients: [] };
const LOST_AFTER_DOT: Transmission = { phase: 'dot', error: 'lost', recipients: [{ code: 250, text: 'ok' }] };
const TRY_LATER: Transmission = {
  phase: 'rcpt',
  reply: { code: 450, text: 'later' },
  recipients: [{ code: 450, text: 'later' }],
};

let rig: DeliveryRig;
beforeEach(async () => {
  rig = await createDeliveryRig();
});
afterEach(async () => {
  await rig.close();
  expect(rig.errors).toEqual([]);
});

async function states({ id }: NewMessage): Promise<RecipientState[]> {
  const view = await rig.store.history.message(id);
  return view?.recipients.map(recipient => recipient.state) ?? [];
}

async function reach(message: NewMessage, ...wanted: RecipientState[]): Promise<void> {
  await until(async () => String(await states(message)) === String(wanted), `${message.id} to be ${wanted}`);
}

describe('the dispatcher', () => {
  test('delivers a message from memory, and writes the attempt and the event', async () => {
    const provider = await rig.addProvider(answering(ACCEPTED));
    await until(() => rig.dispatcher.reserve(provider.id, 0, 1), 'the lane to be free');
    rig.dispatcher.release(provider.id, 0);
    const message = await rig.accept(provider.id);
    await reach(message, 'delivered');
    expect(await rig.store.history.attempts(message.id)).toMatchObject([
      { number: 1, provider: provider.id, phase: 'done' },
    ]);
    const events = await rig.store.history.events({ after: '0', limit: 10, messageId: message.id });
    expect(events.map(event => event.type)).toEqual(['accepted', 'delivered']);
  });

  test('routes a message that was accepted before the first provider was added', async () => {
    const message = await rig.accept(0);
    await rig.addProvider(answering(ACCEPTED));
    rig.advance(6_000);
    await reach(message, 'delivered');
  });

  test('retries by the schedule, and not before', async () => {
    const provider = await rig.addProvider(answering(TRY_LATER, ACCEPTED));
    const message = await rig.accept(provider.id);
    await reach(message, 'deferred');
    rig.advance(MINUTE - 1_000);
    await rig.store.queue.depth();
    expect(rig.sent).toHaveLength(1);
    rig.advance(1_000);
    await reach(message, 'delivered');
    expect(rig.sent).toHaveLength(2);
  });

  test('fails over at once when the message was certainly not accepted', async () => {
    const bad = await rig.addProvider(answering(NO_CONNECTION), { priority: 1 });
    const good = await rig.addProvider(answering(ACCEPTED), { priority: 2 });
    const message = await rig.accept(bad.id);
    await reach(message, 'delivered');
    const attempts = await rig.store.history.attempts(message.id);
    expect(attempts.map(attempt => [attempt.number, attempt.provider])).toEqual([
      [1, bad.id],
      [2, good.id],
    ]);
  });

  test('neither fails over nor retries at once when the message may have been accepted', async () => {
    const first = await rig.addProvider(answering(LOST_AFTER_DOT, ACCEPTED), { priority: 1 });
    await rig.addProvider(answering(ACCEPTED), { priority: 2 });
    const message = await rig.accept(first.id);
    await reach(message, 'unknown');
    rig.advance(9 * MINUTE);
    await rig.store.queue.depth();
    expect(rig.sent).toHaveLength(1);
    rig.advance(MINUTE);
    await reach(message, 'delivered');
    expect(rig.sent.map(one => one.provider)).toEqual([first.id, first.id]);
    const events = await rig.store.history.events({ after: '0', limit: 10, messageId: message.id });
    expect(events.at(-1)).toMatchObject({ type: 'delivered', data: { repeated: true } });
  });

  test('expires a message that no provider accepted in time', async () => {
    const provider = await rig.addProvider(answering(TRY_LATER));
    const message = await rig.accept(provider.id, { expiresAt: rig.now() + 2 * MINUTE });
    await reach(message, 'deferred');
    rig.advance(MINUTE);
    await until(() => rig.sent.length === 2, 'the second attempt');
    rig.advance(2 * MINUTE);
    await reach(message, 'expired');
    expect(rig.sent).toHaveLength(2);
  });

  test('splits a message with more recipients than the provider takes into several transactions', async () => {
    const provider = await rig.addProvider(
      answering({ ...ACCEPTED, recipients: Array(2).fill({ code: 250, text: 'ok' }) }),
      {
        maxRecipientsPerMessage: 2,
      },
    );
    const recipients = ['a@x.test', 'b@x.test', 'c@x.test'] as Address[];
    const message = await rig.accept(provider.id, { envelope: { sender: '', recipients } });
    await reach(message, 'delivered', 'delivered', 'delivered');
    expect(rig.sent.map(one => one.parcel.envelope.recipients)).toEqual([
      ['a@x.test', 'b@x.test'],
      ['c@x.test'],
    ]);
  });

  test('writes what was sent when the lease expires between transactions, and sends the rest at once', async () => {
    let count = 0;
    const provider = await rig.addProvider(
      async (parcel, { beforeDot }) => {
        if (++count === 2) rig.freeze(11_000);
        await beforeDot([]);
        return { ...ACCEPTED, recipients: parcel.envelope.recipients.map(() => ({ code: 250, text: 'ok' })) };
      },
      { maxRecipientsPerMessage: 2 },
    );
    const recipients = ['a@x.test', 'b@x.test', 'c@x.test'] as Address[];
    const message = await rig.accept(provider.id, { envelope: { sender: '', recipients } });
    await reach(message, 'delivered', 'delivered', 'delivered');
    const sentTo = rig.sent.map(one => one.parcel.envelope.recipients.join());
    expect(sentTo.filter(to => to !== 'c@x.test')).toEqual(['a@x.test,b@x.test']);
    expect(await rig.store.history.attempts(message.id)).toMatchObject([
      { phase: 'done' },
      { phase: 'body' },
      {},
    ]);
  });

  test('stops connecting to a dead provider, and counts no attempt for the messages that wait', async () => {
    const provider = await rig.addProvider(answering(NO_CONNECTION));
    const messages = await Promise.all(Array.from({ length: 50 }, () => rig.accept(provider.id)));
    await until(() => rig.sent.length >= 5, 'the breaker to open');
    await rig.store.queue.depth();
    const views = await Promise.all(messages.map(({ id }) => rig.store.history.message(id)));
    const tried = views.filter(view => view?.recipients[0]?.attempts === 1);
    expect(tried.length).toBeLessThan(15);
    expect(rig.sent.length).toBe(tried.length);
  });

  test('keeps nothing in memory behind an open breaker', async () => {
    const provider = await rig.addProvider(answering(NO_CONNECTION));
    await Promise.all(Array.from({ length: 50 }, () => rig.accept(provider.id)));
    await until(() => rig.lanes.of(provider.id)?.breaker.openUntil, 'the breaker to open');
    await until(async () => {
      const { items } = await rig.store.history.list({}, { limit: 100 });
      return items.length === 50 && items.every(item => !item.isLeased);
    }, 'every lease to be given back');
  });

  test('moves messages behind an open breaker to the next provider, and tests the first one later', async () => {
    const answers = [...Array(20).fill(NO_CONNECTION), ACCEPTED];
    const bad = await rig.addProvider(answering(...answers), { priority: 1 });
    const good = await rig.addProvider(answering(ACCEPTED), { priority: 2 });
    const messages = await Promise.all(Array.from({ length: 300 }, () => rig.accept(bad.id)));
    await Promise.all(messages.map(message => reach(message, 'delivered')));
    const sentToBad = rig.sent.filter(one => one.provider === bad.id).length;
    expect(sentToBad).toBeGreaterThanOrEqual(5);
    expect(sentToBad).toBeLessThan(20);
    expect(rig.sent.filter(one => one.provider === good.id)).toHaveLength(300);
    rig.advance(31_000);
    await reach(await rig.accept(bad.id), 'delivered');
    expect(rig.sent.filter(one => one.provider === bad.id)).toHaveLength(sentToBad + 1);
  });

  test('keeps messages without another provider until the breaker allows a test', async () => {
    const bad = await rig.addProvider(answering(NO_CONNECTION), { priority: 1 });
    await rig.addProvider(answering(ACCEPTED), { priority: 2, senderDomains: ['elsewhere.test'] });
    await Promise.all(Array.from({ length: 50 }, () => rig.accept(bad.id)));
    const breaker = rig.lanes.of(bad.id)?.breaker;
    await until(() => breaker?.openUntil, 'the breaker to open');
    const isLeased = async () =>
      (await rig.store.history.list({}, { limit: 100 })).items.some(one => one.isLeased);
    await until(async () => !(await isLeased()), 'every lease to be given back');
    const before = rig.sent.length;
    rig.advance(31_000);
    await until(() => rig.sent.length > before, 'a probe');
    await until(() => (breaker?.openUntil ?? 0) > rig.now(), 'the breaker to open again');
    expect(rig.sent).toHaveLength(before + 1);
  });

  test('leaves memory for other providers when one hangs', async () => {
    await rig.close();
    rig = await createDeliveryRig({ messages: 100, bytes: 1_000_000 });
    const end = Promise.withResolvers<Transmission>();
    const hanging = [await rig.addProvider(() => end.promise), await rig.addProvider(() => end.promise)];
    const good = await rig.addProvider(answering(ACCEPTED));
    for (const { id } of hanging) {
      await until(() => rig.dispatcher.reserve(id, 0, 1), 'the lane to be free');
      rig.dispatcher.release(id, 0);
      await Promise.all(Array.from({ length: 150 }, () => rig.accept(id)));
    }
    const messages = await Promise.all(Array.from({ length: 150 }, () => rig.accept(good.id)));
    await Promise.all(messages.map(message => reach(message, 'delivered')));
    end.resolve(NO_CONNECTION);
  });

  test('does not wait for the disk between two messages', async () => {
    let sent = 0;
    const provider = await rig.addProvider(async (_parcel, { beforeDot }) => {
      await beforeDot([]);
      sent += 1;
      return ACCEPTED;
    });
    const dueAt = rig.now() + MINUTE;
    await Promise.all(Array.from({ length: 200 }, () => rig.accept(provider.id, { dueAt })));
    let sentBeforeResult: number | undefined;
    const stop = rig.store.history.onEvents(() => {
      sentBeforeResult ??= sent;
    });
    rig.advance(MINUTE);
    await until(() => sent === 200, 'all of it to be sent');
    await until(() => sentBeforeResult !== undefined, 'the first results to be on the disk');
    stop();
    // Four go at a time: if each waited for its result to be on the disk, no more than that would be sent by then.
    expect(sentBeforeResult).toBeGreaterThan(8);
  });

  test('finds a lane for a large backlog without waiting in between', async () => {
    const isRouted = async () => (await rig.store.queue.depth()).every(({ lane }) => lane !== 0);
    const route = async (count: number) => {
      await Promise.all(Array.from({ length: count }, () => rig.accept(0)));
      const startedAt = performance.now();
      rig.advance(6_000);
      await until(isRouted, 'all of it to have a lane');
      return performance.now() - startedAt;
    };
    await rig.addProvider(answering(ACCEPTED));
    const sliceMs = await route(200);
    // In slices of 200, one a second, it would take ten seconds more than ten slices.
    expect(await route(2_000)).toBeLessThan(20 * sliceMs + 5_000);
  });

  test('sends nothing through a provider that no longer serves the sender', async () => {
    const first = await rig.addProvider(answering(TRY_LATER), { priority: 1 });
    const second = await rig.addProvider(answering(ACCEPTED), { priority: 2 });
    const message = await rig.accept(first.id);
    await reach(message, 'deferred');
    const senderDomains = ['elsewhere.test'];
    await rig.store.registry.change('provider', first.id, old => ({ ...old, senderDomains, updatedAt: 1 }));
    await rig.lanes.refresh();
    rig.advance(MINUTE);
    await reach(message, 'delivered');
    expect(rig.sent.map(one => one.provider)).toEqual([first.id, second.id]);
  });

  test('moves messages of a provider that was disabled to another', async () => {
    const slow = await rig.addProvider(answering(TRY_LATER), { priority: 1 });
    const message = await rig.accept(slow.id);
    await reach(message, 'deferred');
    const other = await rig.addProvider(answering(ACCEPTED), { priority: 2 });
    await rig.store.registry.change('provider', slow.id, old => ({ ...old, isEnabled: false, updatedAt: 1 }));
    await rig.lanes.refresh();
    rig.advance(6 * MINUTE);
    await reach(message, 'delivered');
    expect(rig.sent.at(-1)?.provider).toBe(other.id);
  });

  test('sends high priority before normal before bulk', async () => {
    const provider = await rig.addProvider(answering(ACCEPTED), { isEnabled: false });
    for (const priority of ['bulk', 'normal', 'high'] as const) {
      await rig.accept(provider.id, {
        priority,
        envelope: { sender: '', recipients: [`${priority}@x.test` as Address] },
      });
    }
    await rig.store.registry.change('provider', provider.id, old => ({
      ...old,
      isEnabled: true,
      updatedAt: 1,
    }));
    await rig.lanes.refresh();
    rig.advance(0);
    await until(() => rig.sent.length === 3, 'all three');
    expect(rig.sent.map(one => one.parcel.envelope.recipients[0])).toEqual([
      'high@x.test',
      'normal@x.test',
      'bulk@x.test',
    ]);
  });
});

describe('a shutdown', () => {
  test('returns what has not started, waits for what has, and leaves no message leased', async () => {
    const gate = Promise.withResolvers<void>();
    const provider = await rig.addProvider(async (_parcel, { beforeDot }) => {
      await beforeDot([]);
      await gate.promise;
      return ACCEPTED;
    });
    const messages = await Promise.all(Array.from({ length: 10 }, () => rig.accept(provider.id)));
    await until(() => rig.sent.length === 4, 'the lane to be full');
    const drained = rig.dispatcher.drain();
    gate.resolve();
    await drained;
    const views = await Promise.all(messages.map(({ id }) => rig.store.history.message(id)));
    expect(views.filter(view => view?.isLeased)).toEqual([]);
    expect(views.filter(view => view?.recipients[0]?.state === 'delivered')).toHaveLength(4);
    expect(rig.sent).toHaveLength(4);
  });
});
