import { describe, expect, test } from 'vitest';
import { HOUR_MS } from '../../helpers/stores/store-message.ts';
import type { OpenRig, StoreRig } from '../../helpers/stores/store-rig.ts';

export function describeIdempotency(open: OpenRig): void {
  describe('an idempotency key', () => {
    test('answers the same submission with the first one, and stores nothing', async () => {
      const rig = await open();
      const first = await rig.accept({ idempotency: ONE });
      expect(await enqueue(rig, ONE)).toEqual({ kind: 'replayed', id: first.id });
      expect((await rig.store.history.list({}, { limit: 9 })).items).toHaveLength(1);
      expect(await rig.events()).toHaveLength(1);
    });

    test('is taken for another submission', async () => {
      const rig = await open();
      await rig.accept({ idempotency: ONE });
      expect(await enqueue(rig, OTHER)).toEqual({ kind: 'key-taken' });
      expect(await rig.events()).toHaveLength(1);
    });

    test('has one winner among those that come at once', async () => {
      const rig = await open();
      const same = Array.from({ length: 10 }, () => rig.newMessage({ idempotency: ONE }));
      const others = Array.from({ length: 5 }, () => rig.newMessage({ idempotency: OTHER }));
      const results = await Promise.all([...same, ...others].map(one => rig.store.queue.enqueue(one)));
      const winners = [...same, ...others].filter((_, i) => results[i]?.kind === 'accepted');
      expect(winners).toHaveLength(1);
      const [winner] = winners;
      const alike = winner?.idempotency === ONE ? results.slice(0, 10) : results.slice(10);
      const unlike = winner?.idempotency === ONE ? results.slice(10) : results.slice(0, 10);
      expect(alike.filter(result => result.kind !== 'accepted')).toEqual(
        Array(alike.length - 1).fill({ kind: 'replayed', id: winner?.id }),
      );
      expect(unlike).toEqual(Array(unlike.length).fill({ kind: 'key-taken' }));
    });

    test('belongs to its account', async () => {
      const rig = await open();
      await rig.accept({ idempotency: ONE });
      expect(await enqueue(rig, OTHER, { account: 2 })).toEqual({ kind: 'accepted' });
    });

    test('is not consumed by what was refused', async () => {
      const rig = await open({ maxQueued: 1 });
      const blocker = await rig.acceptLeased();
      expect(await enqueue(rig, ONE)).toEqual({ kind: 'full' });
      await rig.finish(blocker, [{ state: 'delivered' }]);
      expect(await enqueue(rig, OTHER)).toEqual({ kind: 'accepted' });
    });

    test('holds across a restart and after the message has ended, for 24 h', async () => {
      const rig = await open();
      const message = await rig.acceptLeased({ idempotency: ONE });
      await rig.finish(message, [{ state: 'delivered' }]);
      await rig.restart();
      rig.advance(24 * HOUR_MS - 60_000);
      expect(await enqueue(rig, ONE)).toEqual({ kind: 'replayed', id: message.id });
      rig.advance(60_001);
      expect(await enqueue(rig, OTHER)).toEqual({ kind: 'accepted' });
    });

    test('is told by its exact text', async () => {
      const rig = await open();
      for (const key of ['key', 'KEY', 'key ', ' key', "k'ey", 'kéy'])
        expect(await enqueue(rig, { ...ONE, key })).toEqual({ kind: 'accepted' });
    });
  });
}

const ONE = { key: 'order-4711', fingerprint: Buffer.alloc(32, 1) };
const OTHER = { key: 'order-4711', fingerprint: Buffer.alloc(32, 2) };

function enqueue(rig: StoreRig, idempotency: typeof ONE, more: { account?: number } = {}) {
  return rig.store.queue.enqueue(rig.newMessage({ idempotency, ...more }));
}
