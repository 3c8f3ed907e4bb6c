import { describe, expect, test } from 'vitest';
import { LEASE_MS, type OpenRig } from '../../helpers/stores/store-rig.ts';

export function describeNodes(open: OpenRig): void {
  describe('an incarnation', () => {
    test('has a lease of its own and a node number that no living one has', async () => {
      const rig = await open();
      const identity = { now: rig.now(), leaseMs: LEASE_MS, host: 'same', pid: 1 };
      const joined = [await rig.store.nodes.join(identity), await rig.store.nodes.join(identity)];
      expect(new Set([rig.lease, ...joined.map(one => one.lease)]).size).toBe(3);
      expect(new Set(joined.map(one => one.node)).size).toBe(2);
      for (const { node } of joined) expect(node >= 0 && node <= 255 && Number.isInteger(node)).toBe(true);
    });

    test('never gets the lease of an earlier one, even when that has left', async () => {
      const rig = await open();
      const leases = new Set([rig.lease]);
      for (let i = 0; i < 3; i++) {
        await rig.store.nodes.leave(rig.lease);
        await rig.restart();
        leases.add(rig.lease);
      }
      expect(leases.size).toBe(4);
    });

    test('is found dead once its process has ended and its lease has run out', async () => {
      const rig = await open();
      const first = rig.lease;
      await rig.restart();
      const second = rig.lease;
      expect(await rig.store.nodes.dead(rig.now(), second)).toEqual([first]);
      await rig.restart();
      expect((await rig.store.nodes.dead(rig.now(), rig.lease)).toSorted()).toEqual(
        [first, second].toSorted(),
      );
    });

    test('is forgotten when it leaves, and cannot renew any more', async () => {
      const rig = await open();
      const first = rig.lease;
      expect(await rig.store.nodes.renew(first, rig.now() + LEASE_MS)).toBe(true);
      await rig.store.nodes.leave(first);
      expect(await rig.store.nodes.renew(first, rig.now() + LEASE_MS)).toBe(false);
      await rig.restart();
      expect(await rig.store.nodes.dead(rig.now(), rig.lease)).toEqual([]);
    });

    test('that leaves while it still holds mail is found dead, so that nothing is stuck', async () => {
      const rig = await open();
      const held = await rig.acceptLeased();
      const first = rig.lease;
      await rig.store.nodes.leave(first);
      await rig.restart();
      expect(await rig.store.nodes.dead(rig.now(), rig.lease)).toEqual([first]);
      const adopted = await rig.store.queue.adopt({ from: first, to: rig.lease, limit: 9 });
      expect(adopted).toMatchObject([{ message: { id: held.id }, facts: [] }]);
      await rig.store.nodes.leave(first);
      expect(await rig.store.nodes.dead(rig.now(), rig.lease)).toEqual([]);
    });

    test('that has left cannot take mail out of sight', async () => {
      const rig = await open();
      const left = rig.lease;
      await rig.store.nodes.leave(left);
      const { id } = await rig.accept({ lease: left });
      await rig.restart();
      expect(await rig.store.nodes.dead(rig.now(), rig.lease)).toEqual([left]);
      const adopted = await rig.store.queue.adopt({ from: left, to: rig.lease, limit: 9 });
      expect(adopted.map(one => one.message.id)).toEqual([id]);
    });
  });
}
