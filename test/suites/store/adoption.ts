import { describe, expect, test } from 'vitest';
import type { Reply } from '../../../src/core/outcome.ts';
import type { AdoptedMessage, LeasedMessage, WireFact } from '../../../src/store/store.ts';
import { DOT_REPLY } from '../../helpers/stores/store-finish.ts';
import { HOUR_MS } from '../../helpers/stores/store-message.ts';
import type { OpenRig, StoreRig } from '../../helpers/stores/store-rig.ts';

export function describeAdoption(open: OpenRig): void {
  describe('adopt, after a process has died', () => {
    test('says that nothing was sent of what is not in the wire journal', async () => {
      const rig = await open();
      const claimed = await rig.acceptLeased();
      const hot = await rig.acceptHot();
      await rig.restart();
      expect(await adoptAll(rig)).toEqual([
        { message: claimed, facts: [] },
        { message: hot, facts: [] },
      ]);
    });

    test('says that the dot went out, with whom it carried and who was refused', async () => {
      const rig = await open();
      const message = await rig.acceptLeased({ to: ['a@rcpt.test', 'b@rcpt.test', 'c@rcpt.test'] });
      const refused: readonly (Reply | undefined)[] = [
        undefined,
        { code: 550, enhanced: '5.1.1', text: 'no' },
      ];
      await dot(rig, message, { indexes: [0, 2], refused });
      await rig.restart();
      const [adopted] = await adoptAll(rig);
      expect(adopted?.message).toEqual(message);
      expect(adopted?.facts).toEqual([{ attempt: 1, provider: 1, indexes: [0, 2], refused }]);
    });

    test('gives the reply to the dot when that was read', async () => {
      const rig = await open();
      const message = await rig.acceptLeased();
      await dot(rig, message);
      replied(rig, message);
      await rig.restart();
      expect(await adoptAll(rig)).toEqual([{ message, facts: [fact({ reply: DOT_REPLY })] }]);
    });

    test('tells each of the attempts made under the lease, in their order', async () => {
      const rig = await open();
      const message = await rig.acceptLeased({ to: ['a@rcpt.test', 'b@rcpt.test'] });
      await dot(rig, message, { indexes: [0] });
      replied(rig, message);
      await dot(rig, message, { attempt: 2, provider: 9, indexes: [1] });
      await rig.restart();
      expect((await adoptAll(rig))[0]?.facts).toEqual([
        fact({ reply: DOT_REPLY }),
        fact({ attempt: 2, provider: 9, indexes: [1] }),
      ]);
    });

    test("does not take the entries of an earlier lease for this one's", async () => {
      const rig = await open();
      const message = await rig.acceptLeased();
      await dot(rig, message);
      await rig.finish(message, [{ state: 'unknown', dueAt: rig.now() }]);
      const [again] = await rig.claim();
      expect(again?.attempt).toBe(2);
      await rig.restart();
      expect(await adoptAll(rig)).toEqual([{ message: again, facts: [] }]);
    });

    test('gives every recipient that has not ended, whenever it is due', async () => {
      const rig = await open();
      const message = await rig.acceptLeased({ to: ['a@rcpt.test', 'b@rcpt.test', 'c@rcpt.test'] });
      await rig.finish(message, [
        { state: 'deferred', dueAt: rig.now() },
        { state: 'delivered' },
        { state: 'deferred', dueAt: rig.now() + HOUR_MS },
      ]);
      await rig.claim();
      await rig.restart();
      expect((await adoptAll(rig))[0]?.message.recipients.map(one => one.index)).toEqual([0, 2]);
    });

    test('of another boot knows nothing: all of it may have been sent', async () => {
      const rig = await open();
      const message = await rig.acceptLeased({ to: ['a@rcpt.test', 'b@rcpt.test'] });
      const answered = await rig.acceptLeased();
      await dot(rig, answered);
      replied(rig, answered);
      await rig.restart({ ofMachine: true });
      expect(await adoptAll(rig)).toEqual([
        { message, facts: [fact({ indexes: [0, 1] })] },
        { message: answered, facts: [fact({})] },
      ]);
    });

    test('does not forget what was sent when the rescuer dies, too', async () => {
      const rig = await open();
      const untouched = await rig.acceptLeased();
      const sent = await rig.acceptLeased();
      const answered = await rig.acceptLeased();
      await dot(rig, sent);
      await dot(rig, answered);
      replied(rig, answered);
      for (let deaths = 0; deaths < 3; deaths++) {
        await rig.restart();
        expect(await adoptAll(rig)).toEqual([
          { message: untouched, facts: [] },
          { message: sent, facts: [fact({})] },
          { message: answered, facts: [fact({ reply: DOT_REPLY })] },
        ]);
      }
    });

    test('does not forget that nothing is known when the rescuer dies, too', async () => {
      const rig = await open();
      const message = await rig.acceptLeased();
      await rig.restart({ ofMachine: true });
      await adoptAll(rig);
      await rig.restart();
      expect(await adoptAll(rig)).toEqual([{ message, facts: [fact({})] }]);
    });

    test('gives the lease, so that results can be written and the dead write none', async () => {
      const rig = await open();
      const dead = rig.lease;
      const message = await rig.acceptLeased();
      await rig.restart();
      await adoptAll(rig);
      expect(await rig.finish(message, [{ state: 'delivered' }], { lease: dead })).toBe(false);
      expect(await rig.finish(message, [{ state: 'unknown', dueAt: rig.now() }])).toBe(true);
      expect((await rig.claim())[0]?.attempt).toBe(2);
    });

    test('lets go of what was not sent without counting an attempt', async () => {
      const rig = await open();
      const message = await rig.acceptLeased();
      await rig.restart();
      await adoptAll(rig);
      await rig.hurry(
        rig.store.queue.release({ id: message.id, lease: rig.lease, lane: 1, dueAt: rig.now() }),
      );
      expect(await rig.claim()).toEqual([message]);
    });

    test('moves no more than its limit at once, and everything in the end', async () => {
      const rig = await open();
      await Promise.all(Array.from({ length: 5 }, () => rig.accept()));
      const held = await rig.claim();
      const from = rig.lease;
      await rig.restart();
      const batch = async () => await rig.store.queue.adopt({ from, to: rig.lease, limit: 2 });
      const batches = [await batch(), await batch(), await batch(), await batch()];
      expect(batches.map(one => one.length)).toEqual([2, 2, 1, 0]);
      expect(batches.flat().map(one => one.message)).toEqual(held);
    });
  });
}

function fact(more: Partial<WireFact>): WireFact {
  return { attempt: 1, provider: 1, indexes: [0], refused: [], ...more };
}

async function dot(rig: StoreRig, { id }: LeasedMessage, more: Partial<WireFact> = {}): Promise<void> {
  const { attempt, provider, indexes, refused } = fact(more);
  await rig.store.nodes.journal.dot({ id, attempt, provider, indexes, refused });
}

function replied(rig: StoreRig, { id, attempt }: LeasedMessage): void {
  rig.store.nodes.journal.replied({ id, attempt, reply: DOT_REPLY });
}

/** Adopts all that the dead held, as the rescue of a starting node does, in the order of the messages. */
async function adoptAll(rig: StoreRig): Promise<readonly AdoptedMessage[]> {
  const adopted: AdoptedMessage[] = [];
  for (const from of await rig.store.nodes.dead(rig.now(), rig.lease)) {
    adopted.push(...(await rig.store.queue.adopt({ from, to: rig.lease, limit: 100 })));
    await rig.store.nodes.leave(from);
  }
  return adopted.toSorted((a, b) => (a.message.id < b.message.id ? -1 : 1));
}
