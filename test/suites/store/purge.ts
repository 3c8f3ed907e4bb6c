import { describe, expect, test } from 'vitest';
import { calendarBudget } from '../../../src/core/budget.ts';
import type { RecipientResult, Retention } from '../../../src/store/store.ts';
import { address, HOUR_MS } from '../../helpers/stores/store-message.ts';
import type { OpenRig, StoreRig } from '../../helpers/stores/store-rig.ts';

const DAY_MS = 24 * HOUR_MS;
const RETENTION: Retention = { deliveredBodyMs: DAY_MS, otherBodyMs: 14 * DAY_MS, eventMs: 90 * DAY_MS };

export function describePurge(open: OpenRig): void {
  describe('purge', () => {
    test('removes bodies by class: delivered ones soon, others later', async () => {
      const rig = await open();
      const delivered = await ended(rig, 'delivered');
      const bounced = await ended(rig, 'bounced');
      const mixed = await ended(rig, 'delivered', 'failed');
      const has = (...ids: string[]) =>
        Promise.all(ids.map(async id => (await rig.store.history.body(id)) !== 'gone'));
      rig.advance(DAY_MS);
      await purge(rig);
      expect(await has(delivered, bounced, mixed)).toEqual([true, true, true]);
      rig.advance(1);
      expect(await purge(rig)).toEqual({ messages: 0, bodies: 1, events: 0 });
      expect(await has(delivered, bounced, mixed)).toEqual([false, true, true]);
      rig.advance(13 * DAY_MS);
      expect(await purge(rig)).toEqual({ messages: 0, bodies: 2, events: 0 });
      expect(await rig.states(mixed)).toEqual(['delivered', 'failed']);
      expect(await rig.events()).toHaveLength(7);
    });

    test('counts from the end of a message, not from its acceptance', async () => {
      const rig = await open();
      const { id } = await rig.accept({ dueAt: rig.now() + 30 * DAY_MS, expiresAt: rig.now() + 40 * DAY_MS });
      rig.advance(30 * DAY_MS);
      const [message] = await rig.claim();
      if (message) await rig.finish(message, [{ state: 'bounced' }]);
      await purge(rig);
      expect(await rig.store.history.body(id)).toBeInstanceOf(Buffer);
      rig.advance(75 * DAY_MS);
      await purge(rig);
      expect((await rig.view(id)).recipients[0]?.state).toBe('bounced');
      expect(await rig.store.history.body(id)).toBe('gone');
      rig.advance(16 * DAY_MS);
      await purge(rig);
      expect(await rig.store.history.message(id)).toBeUndefined();
    });

    test('removes messages with all that belongs to them once their events are old', async () => {
      const rig = await open();
      const old = await ended(rig, 'delivered', 'bounced');
      await rig.indexAll();
      rig.advance(50 * DAY_MS);
      const young = await ended(rig, 'delivered');
      rig.advance(40 * DAY_MS + 1);
      expect((await purge(rig)).messages).toBe(1);
      expect(await rig.store.history.message(old)).toBeUndefined();
      expect(await rig.store.history.body(old)).toBeUndefined();
      expect(await rig.store.history.attempts(old)).toEqual([]);
      expect(await rig.events(old)).toEqual([]);
      expect(await rig.events(young)).toHaveLength(2);
      for (const filter of [
        {},
        { recipient: '@rcpt.test' },
        { state: 'bounced' },
        { words: ['hello'] },
      ] as const) {
        const { items } = await rig.store.history.list(filter, { limit: 9 });
        expect(items.map(one => one.id)).toEqual('state' in filter ? [] : [young]);
      }
    });

    test('never touches what has not ended, however old it is', async () => {
      const rig = await open();
      const waiting = await rig.accept({ dueAt: rig.now() + 400 * DAY_MS, lane: 2 });
      const held = await rig.acceptLeased();
      const partly = await rig.acceptLeased({ to: ['a@rcpt.test', 'b@rcpt.test'] });
      await rig.finish(partly, [
        { state: 'delivered' },
        { state: 'deferred', dueAt: rig.now() + 400 * DAY_MS },
      ]);
      const before = await rig.events();
      rig.advance(365 * DAY_MS);
      await purge(rig, { newestMessages: 1 });
      for (const { id } of [waiting, held, partly])
        expect(await rig.store.history.body(id)).toBeInstanceOf(Buffer);
      expect(await rig.events()).toEqual(before);
    });

    test('keeps only the newest messages when it is told so', async () => {
      const rig = await open();
      const live = await rig.accept({ lane: 2 });
      const ids: string[] = [];
      for (let i = 0; i < 5; i++) ids.push(await ended(rig, 'delivered'));
      await rig.indexAll();
      await purge(rig, { newestMessages: 2 });
      const left = (await rig.store.history.list({}, { limit: 9 })).items.map(one => one.id);
      expect(left).toEqual([ids[4], ids[3], live.id]);
      await purge(rig, { newestMessages: 2 });
      expect((await rig.store.history.list({}, { limit: 9 })).items).toHaveLength(3);
      await purge(rig, { newestMessages: 0 });
      expect((await rig.store.history.list({}, { limit: 9 })).items.map(one => one.id)).toEqual([live.id]);
    });

    test('never starts the event log over', async () => {
      const rig = await open();
      await ended(rig, 'delivered');
      const last = BigInt((await rig.events()).at(-1)?.seq ?? 0);
      rig.advance(365 * DAY_MS);
      await purge(rig, { newestMessages: 0 });
      await rig.restart();
      await rig.accept();
      expect(BigInt((await rig.events()).at(-1)?.seq ?? 0)).toBeGreaterThan(last);
      expect(await rig.events()).toHaveLength(2);
    });

    test('removes old events that have no message', async () => {
      const rig = await open();
      const alert = { at: rig.now(), type: 'alert', data: {} } as const;
      await rig.hurry(Promise.all(Array.from({ length: 450 }, () => rig.store.history.record(alert))));
      rig.advance(90 * DAY_MS + 1);
      const { id } = await rig.accept();
      expect((await purge(rig)).events).toBe(450);
      expect((await rig.events()).map(event => event.messageId)).toEqual([id]);
    });

    test('removes sent items with the events of their time', async () => {
      const rig = await open();
      const holder = address('holder@temp.test');
      const list = async () =>
        (await rig.store.addresses.sentItems({ address: holder, limit: 9, offset: 0 })).count;
      const send = () => rig.accept({ sentItem: { address: holder, raw: '{}' } });
      await Promise.all(Array.from({ length: 250 }, send));
      rig.advance(1);
      await send();
      rig.advance(90 * DAY_MS - 1);
      await purge(rig);
      expect(await list()).toBe(251);
      rig.advance(1);
      await purge(rig);
      expect(await list()).toBe(1);
    });

    test('leaves what still counts of budgets, addresses and balances', async () => {
      const rig = await open();
      const holder = address('holder@temp.test');
      const budgets = [calendarBudget('quota', 'month', 9, rig.now())];
      await rig.store.limits.draw({ budgets, least: 5, most: 5, now: rig.now() });
      await rig.store.addresses.add({ address: holder, passwordHash: null, createdAt: 0 });
      await rig.store.addresses.openBalance({ address: holder, whenNew: 3, now: 0 });
      rig.advance((budgets[0]?.expiresAt ?? 0) - 1 - rig.now());
      await purge(rig, { eventMs: 0 });
      expect(await rig.store.limits.left({ budgets, now: rig.now() })).toBe(4);
      expect((await rig.store.addresses.find(holder))?.id).toBe(1);
      expect((await rig.store.addresses.balance(holder))?.balance).toBe(3);
    });

    test('does not make the search index lose its place', async () => {
      const rig = await open();
      await ended(rig, 'bounced');
      await rig.indexAll();
      rig.advance(365 * DAY_MS);
      await purge(rig);
      const { id } = await rig.accept({ tags: ['fresh'] });
      await rig.indexAll();
      expect((await rig.store.history.list({ tag: 'fresh' }, { limit: 9 })).items.map(one => one.id)).toEqual(
        [id],
      );
    });

    test('of thousands goes in slices, and removes all of them', async () => {
      const rig = await open();
      const count = 1_100;
      const messages = Array.from({ length: count }, (_, i) =>
        rig.newMessage({
          mime: Buffer.alloc(1),
          idempotency: { key: `${i}`, fingerprint: Buffer.alloc(32) },
        }),
      );
      await Promise.all(messages.map(message => rig.store.queue.enqueue(message)));
      await cancelAll(rig, messages);
      rig.advance(15 * DAY_MS);
      expect(await purge(rig)).toEqual({ messages: 0, bodies: count, events: 0 });
      rig.advance(90 * DAY_MS);
      expect(await purge(rig)).toMatchObject({ messages: count, bodies: 0 });
      expect((await rig.store.history.list({}, { limit: 9 })).items).toEqual([]);
      expect(await rig.events()).toHaveLength(1);
    });

    test('lets other verbs in between its slices', async () => {
      const rig = await open();
      const messages = Array.from({ length: 900 }, () => rig.newMessage({ mime: Buffer.alloc(1) }));
      await Promise.all(messages.map(message => rig.store.queue.enqueue(message)));
      await cancelAll(rig, messages);
      rig.advance(15 * DAY_MS);
      const order: string[] = [];
      await Promise.all([
        purge(rig).then(() => order.push('purge')),
        rig.accept().then(() => order.push('enqueue')),
      ]);
      expect(order).toEqual(['enqueue', 'purge']);
    });
  });
}

function purge(rig: StoreRig, more: Partial<Retention> = {}) {
  return rig.store.purge({ ...RETENTION, ...more }, rig.now());
}

/** A hundred at a time: who waits for a connection for too long is refused. */
async function cancelAll(rig: StoreRig, messages: readonly { readonly id: string }[]): Promise<void> {
  for (let from = 0; from < messages.length; from += 100) {
    const some = messages.slice(from, from + 100);
    await Promise.all(some.map(({ id }) => rig.store.queue.cancel({ id, now: rig.now() })));
  }
}

/** A message whose recipients have ended in these states. */
async function ended(rig: StoreRig, ...states: RecipientResult['state'][]): Promise<string> {
  const message = await rig.acceptLeased({ to: states.map((_, i) => `r${i}@rcpt.test`) });
  await rig.finish(
    message,
    states.map(state => ({ state })),
  );
  return message.id;
}
