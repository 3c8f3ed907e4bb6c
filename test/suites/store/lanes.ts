import { describe, expect, test } from 'vitest';
import { NO_LANE } from '../../../src/store/store.ts';
import type { OpenRig, StoreRig } from '../../helpers/stores/store-rig.ts';

export function describeLanes(open: OpenRig): void {
  describe('moveLane', () => {
    test('moves all that waits in one lane, with its place in line, and nothing else', async () => {
      const rig = await open();
      const urgent = await rig.accept({ priority: 'high', dueAt: rig.now() + 500 });
      const plain = await rig.accept();
      const elsewhere = await rig.accept({ lane: 3 });
      expect(await rig.store.queue.moveLane(1, 2)).toBe(2);
      rig.advance(500);
      expect(await rig.claim(1)).toEqual([]);
      expect((await rig.claim(2)).map(one => one.id)).toEqual([urgent.id, plain.id]);
      expect((await rig.claim(3)).map(one => one.id)).toEqual([elsewhere.id]);
    });

    test('leaves what is leased where it is', async () => {
      const rig = await open();
      const leased = await rig.acceptLeased();
      expect(await rig.store.queue.moveLane(1, NO_LANE)).toBe(0);
      expect(await rig.finish(leased, [{ state: 'deferred', dueAt: rig.now() }])).toBe(true);
      expect((await rig.claim(1)).map(one => one.id)).toEqual([leased.id]);
    });

    test('moves thousands', async () => {
      const rig = await open();
      const messages = Array.from({ length: 2_500 }, () => rig.newMessage({ mime: Buffer.alloc(1) }));
      await Promise.all(messages.map(message => rig.store.queue.enqueue(message)));
      expect(await rig.store.queue.moveLane(1, 2)).toBe(2_500);
      expect(await depth(rig)).toEqual([[2, 2_500]]);
    });

    test('into the same lane changes nothing', async () => {
      const rig = await open();
      await rig.accept();
      await rig.store.queue.moveLane(1, 1);
      expect(await depth(rig)).toEqual([[1, 1]]);
    });
  });

  describe('depth', () => {
    test('counts per lane what has not ended, leased or not, and says since when the oldest is due', async () => {
      const rig = await open();
      expect(await rig.store.queue.depth()).toEqual([]);
      const start = rig.now();
      await rig.acceptLeased({ lane: 2 });
      rig.advance(10);
      await rig.accept({ lane: 2, priority: 'bulk' });
      await rig.accept({ lane: 1, dueAt: start + 900 });
      await rig.accept({ lane: 1, dueAt: start + 300 });
      const done = await rig.acceptLeased({ lane: 4 });
      await rig.finish(done, [{ state: 'delivered' }]);
      const depths = await rig.store.queue.depth();
      expect(depths.toSorted((a, b) => a.lane - b.lane)).toEqual([
        { lane: 1, waiting: 2, oldestDueAt: start + 300 },
        { lane: 2, waiting: 2, oldestDueAt: start },
      ]);
    });
  });
}

async function depth(rig: StoreRig): Promise<[lane: number, waiting: number][]> {
  return (await rig.store.queue.depth()).map(one => [one.lane, one.waiting]);
}
