import { describe, expect, test } from 'vitest';
import { HOUR_MS } from '../../helpers/stores/store-message.ts';
import type { OpenRig, StoreRig } from '../../helpers/stores/store-rig.ts';

const FOREVER = 1e12;

export function describeRetry(open: OpenRig): void {
  describe('retry', () => {
    test('makes what is due later due now', async () => {
      const rig = await open();
      const message = await rig.acceptLeased({ to: ['a@rcpt.test', 'b@rcpt.test'] });
      await rig.finish(message, [
        { state: 'deferred', dueAt: rig.now() + HOUR_MS },
        { state: 'deferred', dueAt: rig.now() + 2 * HOUR_MS },
      ]);
      rig.advance(1);
      expect(await retry(rig, message.id)).toBe('retried');
      const [again] = await rig.claim();
      expect(again?.recipients.map(one => [one.index, one.attempts])).toEqual([
        [0, 1],
        [1, 1],
      ]);
      expect((await rig.events(message.id)).at(-1)).toMatchObject({
        type: 'retried',
        at: rig.now(),
        account: 1,
      });
    });

    test('brings a scheduled message forward', async () => {
      const rig = await open();
      const { id } = await rig.accept({ dueAt: rig.now() + HOUR_MS });
      expect(await retry(rig, id)).toBe('retried');
      expect((await rig.claim()).map(one => one.id)).toEqual([id]);
    });

    test('does not put back in line what has been due for long', async () => {
      const rig = await open();
      const first = await rig.accept();
      rig.advance(1_000);
      const second = await rig.accept();
      rig.advance(1_000);
      expect(await retry(rig, first.id)).toBe('retried');
      expect((await rig.claim()).map(one => one.id)).toEqual([first.id, second.id]);
    });

    test('restarts what ended bounced, failed, expired or unknown, and nothing else', async () => {
      const rig = await open();
      const to = ['a', 'b', 'c', 'd', 'e'].map(name => `${name}@rcpt.test`);
      const message = await rig.acceptLeased({ to });
      const states = ['bounced', 'failed', 'expired', 'unknown', 'delivered'] as const;
      await rig.finish(
        message,
        states.map(state => ({ state })),
      );
      rig.advance(1);
      expect(await retry(rig, message.id, { expiresAt: rig.now() + 100 * HOUR_MS })).toBe('retried');
      const view = await rig.view(message.id);
      expect(view.expiresAt).toBe(rig.now() + 100 * HOUR_MS);
      expect(view.recipients.map(one => [one.state, one.dueAt])).toEqual([
        ['queued', rig.now()],
        ['queued', rig.now()],
        ['queued', rig.now()],
        ['unknown', rig.now()],
        ['delivered', undefined],
      ]);
      expect((await rig.events(message.id)).slice(6).map(event => event.type)).toEqual(['retried']);
      const [again] = await claimAnywhere(rig);
      expect(again?.attempt).toBe(2);
      expect(again?.recipients.map(one => one.wasUnknown)).toEqual([false, false, false, true]);
    });

    test('restarts what has ended also while the rest still waits', async () => {
      const rig = await open();
      const message = await rig.acceptLeased({ to: ['a@rcpt.test', 'b@rcpt.test'] });
      await rig.finish(message, [{ state: 'bounced' }, { state: 'deferred', dueAt: rig.now() + HOUR_MS }]);
      expect(await retry(rig, message.id)).toBe('retried');
      expect(await rig.states(message.id)).toEqual(['queued', 'deferred']);
      expect((await claimAnywhere(rig))[0]?.recipients.map(one => one.index)).toEqual([0, 1]);
    });

    test('does not shorten the life of a message', async () => {
      const rig = await open();
      const message = await rig.acceptLeased();
      await rig.finish(message, [{ state: 'bounced' }]);
      await retry(rig, message.id, { expiresAt: rig.now() + 1 });
      expect((await rig.view(message.id)).expiresAt).toBe(message.expiresAt);
    });

    test('does nothing while an attempt is under way', async () => {
      const rig = await open();
      const message = await rig.acceptLeased();
      expect(await retry(rig, message.id)).toBe('under-way');
      expect(await rig.finish(message, [{ state: 'delivered' }])).toBe(true);
    });

    test('does nothing when all is delivered or cancelled', async () => {
      const rig = await open();
      const message = await rig.acceptLeased({ to: ['a@rcpt.test', 'b@rcpt.test'] });
      await rig.finish(message, [{ state: 'delivered' }, { state: 'deferred', dueAt: rig.now() + HOUR_MS }]);
      await rig.store.queue.cancel({ id: message.id, now: rig.now() });
      const before = await rig.events(message.id);
      expect(await retry(rig, message.id)).toBe('nothing-to-retry');
      expect(await rig.events(message.id)).toEqual(before);
      expect(await rig.store.queue.depth()).toEqual([]);
    });

    test('cannot bring back what retention removed', async () => {
      const rig = await open();
      const message = await rig.acceptLeased();
      await rig.finish(message, [{ state: 'bounced' }]);
      rig.advance(HOUR_MS);
      await rig.store.purge({ deliveredBodyMs: 1, otherBodyMs: 1, eventMs: FOREVER }, rig.now());
      expect(await retry(rig, message.id)).toBe('body-gone');
      expect(await rig.states(message.id)).toEqual(['bounced']);
    });

    test('can be asked for again and again', async () => {
      const rig = await open();
      const message = await rig.acceptLeased();
      await rig.finish(message, [{ state: 'bounced' }]);
      for (let attempt = 2; attempt < 5; attempt++) {
        expect(await retry(rig, message.id)).toBe('retried');
        const [again] = await claimAnywhere(rig);
        expect(again?.attempt).toBe(attempt);
        if (again) await rig.finish(again, [{ state: 'bounced' }]);
      }
      expect((await rig.store.history.attempts(message.id)).map(one => one.number)).toEqual([1, 2, 3, 4]);
    });

    test('finds nothing of another account, nor what is not there', async () => {
      const rig = await open();
      const { id } = await rig.accept({ account: 1, dueAt: rig.now() + HOUR_MS });
      expect(await retry(rig, id, { account: 2 })).toBe('not-found');
      expect(await retry(rig, rig.newMessage().id)).toBe('not-found');
      expect(await retry(rig, 'no id at all')).toBe('not-found');
      expect(await rig.claim()).toEqual([]);
    });
  });
}

function retry(rig: StoreRig, id: string, more: { account?: number; expiresAt?: number } = {}) {
  return rig.store.queue.retry({ id, now: rig.now(), expiresAt: rig.now() + HOUR_MS, ...more });
}

/** What was restarted may wait in any lane, until it is routed. */
async function claimAnywhere(rig: StoreRig) {
  const lanes = (await rig.store.queue.depth()).map(one => one.lane);
  return (await Promise.all(lanes.map(lane => rig.claim(lane)))).flat();
}
