import { describe, expect, test } from 'vitest';
import type { OpenRig } from '../../helpers/stores/store-rig.ts';

export function describeRelease(open: OpenRig): void {
  describe('release', () => {
    test('gives a message back as if it had never been claimed', async () => {
      const rig = await open();
      const message = await rig.acceptLeased();
      const before = await rig.events();
      const back = { id: message.id, lease: rig.lease, lane: 1, dueAt: rig.now() };
      expect(await rig.hurry(rig.store.queue.release(back))).toBe(true);
      expect(await rig.claim()).toEqual([message]);
      expect(await rig.events()).toEqual(before);
      expect(await rig.store.history.attempts(message.id)).toEqual([]);
    });

    test('puts it into the lane and at the time it is told', async () => {
      const rig = await open();
      const message = await rig.acceptLeased();
      await rig.hurry(
        rig.store.queue.release({ id: message.id, lease: rig.lease, lane: 2, dueAt: rig.now() + 500 }),
      );
      rig.advance(499);
      expect(await rig.claim(2)).toEqual([]);
      rig.advance(1);
      expect(await rig.claim(1)).toEqual([]);
      expect(await rig.claim(2)).toEqual([{ ...message, lane: 2 }]);
    });

    test('does not bring forward a recipient that is due later', async () => {
      const rig = await open();
      const message = await rig.acceptLeased({ to: ['a@rcpt.test', 'b@rcpt.test'] });
      await rig.finish(message, [
        { state: 'deferred', dueAt: rig.now() + 9_000 },
        { state: 'deferred', dueAt: rig.now() + 1_000 },
      ]);
      rig.advance(1_000);
      await rig.claim();
      await rig.hurry(
        rig.store.queue.release({ id: message.id, lease: rig.lease, lane: 1, dueAt: rig.now() }),
      );
      const [again] = await rig.claim();
      expect(again?.recipients.map(one => one.index)).toEqual([1]);
    });

    test("under a lease that is not the message's changes nothing", async () => {
      const rig = await open();
      const other = await rig.joinAnother();
      const leased = await rig.acceptLeased();
      const waiting = await rig.accept();
      for (const id of [leased.id, waiting.id]) {
        const back = { id, lease: other, lane: 2, dueAt: rig.now() };
        expect(await rig.hurry(rig.store.queue.release(back))).toBe(false);
      }
      expect(await rig.claim(2)).toEqual([]);
      expect((await rig.claim(1)).map(one => one.id)).toEqual([waiting.id]);
    });
  });
}
