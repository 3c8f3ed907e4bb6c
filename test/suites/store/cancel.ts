import { describe, expect, test } from 'vitest';
import { HOUR_MS } from '../../helpers/stores/store-message.ts';
import type { OpenRig, StoreRig } from '../../helpers/stores/store-rig.ts';

export function describeCancel(open: OpenRig): void {
  describe('cancel', () => {
    test('ends what waits, with an event for each recipient', async () => {
      const rig = await open();
      const { id } = await rig.accept({ to: ['a@rcpt.test', 'b@rcpt.test'], dueAt: rig.now() + HOUR_MS });
      rig.advance(10);
      expect(await cancel(rig, id)).toBe('cancelled');
      expect(await rig.states(id)).toEqual(['cancelled', 'cancelled']);
      expect((await rig.view(id)).recipients.every(one => one.dueAt === undefined)).toBe(true);
      const [, ...events] = await rig.events(id);
      expect(events).toMatchObject([
        { type: 'cancelled', recipient: 'a@rcpt.test', at: rig.now(), account: 1 },
        { type: 'cancelled', recipient: 'b@rcpt.test', at: rig.now(), account: 1 },
      ]);
      rig.advance(HOUR_MS);
      expect(await rig.claim()).toEqual([]);
      expect(await rig.store.queue.depth()).toEqual([]);
    });

    test('leaves the recipients that have ended as they are', async () => {
      const rig = await open();
      const message = await rig.acceptLeased({ to: ['a@rcpt.test', 'b@rcpt.test', 'c@rcpt.test'] });
      await rig.finish(message, [
        { state: 'delivered' },
        { state: 'deferred', dueAt: rig.now() + HOUR_MS },
        { state: 'bounced' },
      ]);
      expect(await cancel(rig, message.id)).toBe('cancelled');
      expect(await rig.states(message.id)).toEqual(['delivered', 'cancelled', 'bounced']);
      expect(await rig.events(message.id)).toHaveLength(5);
    });

    test('cannot call back what may have been sent: that ends as unknown', async () => {
      const rig = await open();
      const message = await rig.acceptLeased({ to: ['a@rcpt.test', 'b@rcpt.test'] });
      await rig.finish(message, [
        { state: 'unknown', dueAt: rig.now() + HOUR_MS },
        { state: 'deferred', dueAt: rig.now() + HOUR_MS },
      ]);
      expect(await cancel(rig, message.id)).toBe('cancelled');
      expect(await rig.states(message.id)).toEqual(['unknown', 'cancelled']);
      const last = (await rig.events(message.id)).slice(-2);
      expect(last.map(event => event.type).toSorted()).toEqual(['cancelled', 'unknown']);
      expect(last.every(event => event.data.nextAttemptAt === undefined)).toBe(true);
    });

    test('comes too late while an attempt is under way', async () => {
      const rig = await open();
      const message = await rig.acceptLeased();
      expect(await cancel(rig, message.id)).toBe('started');
      expect(await rig.states(message.id)).toEqual(['queued']);
      expect(await rig.finish(message, [{ state: 'delivered' }])).toBe(true);
    });

    test('of what has ended changes nothing', async () => {
      const rig = await open();
      const message = await rig.acceptLeased();
      await rig.finish(message, [{ state: 'delivered' }]);
      expect(await cancel(rig, message.id)).toBe('ended');
      expect(await rig.events(message.id)).toHaveLength(2);
    });

    test('and a claim at the same time have one winner', async () => {
      const rig = await open();
      const messages = await Promise.all(Array.from({ length: 10 }, () => rig.accept()));
      const [claimed, ...cancelled] = await Promise.all([
        rig.store.queue.claim({ lane: 1, lease: rig.lease, now: rig.now(), limit: 5, maxBytes: 1e9 }),
        ...messages.map(one => cancel(rig, one.id)),
      ]);
      const taken = new Set(claimed.messages.map(one => one.id));
      expect(cancelled).toEqual(messages.map(one => (taken.has(one.id) ? 'started' : 'cancelled')));
    });

    test('finds nothing of another account, nor what is not there', async () => {
      const rig = await open();
      const { id } = await rig.accept({ account: 1 });
      expect(await cancel(rig, id, 2)).toBe('not-found');
      expect(await cancel(rig, rig.newMessage().id)).toBe('not-found');
      expect(await cancel(rig, 'no id at all')).toBe('not-found');
      expect(await rig.states(id)).toEqual(['queued']);
      expect(await cancel(rig, id, 1)).toBe('cancelled');
    });
  });
}

function cancel(rig: StoreRig, id: string, account?: number) {
  return rig.store.queue.cancel({ id, now: rig.now(), ...(account !== undefined && { account }) });
}
