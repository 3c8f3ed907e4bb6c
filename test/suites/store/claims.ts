import { describe, expect, test } from 'vitest';
import type { ClaimRequest } from '../../../src/store/store.ts';
import { HOUR_MS } from '../../helpers/stores/store-message.ts';
import type { OpenRig, StoreRig } from '../../helpers/stores/store-rig.ts';

export function describeClaims(open: OpenRig): void {
  describe('claim', () => {
    test('gives the whole message with the recipients that are due', async () => {
      const rig = await open();
      const { id } = await rig.accept({
        account: 7,
        to: ['a@rcpt.test', 'b@rcpt.test'],
        mime: Buffer.from('body\0bytes'),
        eightBit: true,
        smtputf8: true,
        priority: 'bulk',
      });
      expect(await rig.claim()).toEqual([
        {
          id,
          account: 7,
          dialect: 'test',
          sender: 'bounce@sender.test',
          from: 'from@sender.test',
          recipients: [
            { index: 0, address: 'a@rcpt.test', wasUnknown: false, attempts: 0 },
            { index: 1, address: 'b@rcpt.test', wasUnknown: false, attempts: 0 },
          ],
          mime: Buffer.from('body\0bytes'),
          eightBit: true,
          smtputf8: true,
          priority: 'bulk',
          lane: 1,
          createdAt: rig.now(),
          expiresAt: rig.now() + 72 * HOUR_MS,
          attempt: 1,
        },
      ]);
      expect((await rig.view(id)).isLeased).toBe(true);
    });

    test('gives a body as it is, whatever its bytes', async () => {
      const rig = await open();
      const mime = Buffer.from([...Array(256).keys(), ...Buffer.from('C:\\101 \\\\')]);
      await rig.accept({ mime });
      expect((await rig.claim())[0]?.mime).toEqual(mime);
    });

    test('never gives a message to two', async () => {
      const rig = await open();
      const messages = await Promise.all(Array.from({ length: 60 }, () => rig.accept()));
      const other = await rig.joinAnother();
      const claims = Array.from({ length: 12 }, (_, i) =>
        rig.store.queue.claim(request(rig, { limit: 7, lease: i % 2 === 0 ? rig.lease : other })),
      );
      const claimed = (await Promise.all(claims)).flatMap(result => result.messages.map(one => one.id));
      expect(claimed.toSorted()).toEqual(messages.map(one => one.id));
      expect(await rig.claim()).toEqual([]);
    });

    test('keeps its leases across a restart', async () => {
      const rig = await open();
      await rig.acceptLeased();
      await rig.restart();
      expect(await rig.claim()).toEqual([]);
    });

    test('gives nothing before it is due', async () => {
      const rig = await open();
      const { id } = await rig.accept({ dueAt: rig.now() + 1_000 });
      rig.advance(999);
      expect(await rig.claim()).toEqual([]);
      rig.advance(1);
      expect((await rig.claim()).map(one => one.id)).toEqual([id]);
    });

    test('gives nothing of another lane', async () => {
      const rig = await open();
      const { id } = await rig.accept({ lane: 2 });
      expect(await rig.claim(1)).toEqual([]);
      expect(await rig.claim(2)).toMatchObject([{ id, lane: 2 }]);
    });

    test('takes high before normal before bulk, each by due time, equal times as they came', async () => {
      const rig = await open();
      rig.advance(100);
      for (const [subject, priority, dueAgo] of [
        ['7', 'bulk', 90],
        ['5', 'normal', 10],
        ['2', 'high', 5],
        ['4', 'normal', 80],
        ['1', 'high', 20],
        ['3', 'high', 5],
        ['6', 'normal', 10],
      ] as const)
        await rig.accept({ messageIdHeader: subject, priority, dueAt: rig.now() - dueAgo });
      const order = await Promise.all((await rig.claim()).map(one => rig.view(one.id)));
      expect(order.map(view => view.messageIdHeader)).toEqual(['1', '2', '3', '4', '5', '6', '7']);
    });

    test('takes no more than its limit, and goes on where it stopped', async () => {
      const rig = await open();
      const messages = await Promise.all(Array.from({ length: 5 }, () => rig.accept()));
      const claim = async () =>
        (await rig.store.queue.claim(request(rig, { limit: 2 }))).messages.map(one => one.id);
      const ids = messages.map(one => one.id);
      expect([await claim(), await claim(), await claim(), await claim()]).toEqual([
        ids.slice(0, 2),
        ids.slice(2, 4),
        ids.slice(4),
        [],
      ]);
    });

    test('stops before bodies exceed maxBytes, but always takes one', async () => {
      const rig = await open();
      for (const size of [60, 40, 1, 500]) await rig.accept({ mime: Buffer.alloc(size, 'x') });
      const claim = async () =>
        (await rig.store.queue.claim(request(rig, { maxBytes: 100 }))).messages.map(one => one.mime.length);
      expect([await claim(), await claim(), await claim()]).toEqual([[60, 40], [1], [500]]);
    });

    test('does not let a small message overtake one of a higher priority that did not fit', async () => {
      const rig = await open();
      await rig.accept({ priority: 'high', mime: Buffer.alloc(60) });
      await rig.accept({ priority: 'normal', mime: Buffer.alloc(60) });
      await rig.accept({ priority: 'bulk', mime: Buffer.alloc(10) });
      const { messages } = await rig.store.queue.claim(request(rig, { maxBytes: 100 }));
      expect(messages.map(one => one.priority)).toEqual(['high']);
    });

    test('says when the next one is due, of whatever priority', async () => {
      const rig = await open();
      const next = async (more?: Partial<ClaimRequest>) =>
        (await rig.store.queue.claim(request(rig, more))).nextDueAt;
      expect(await next()).toBeUndefined();
      await rig.accept({ dueAt: rig.now() + 500 });
      await rig.accept({ dueAt: rig.now() + 300, priority: 'bulk' });
      await rig.accept({ dueAt: rig.now() + 100, lane: 2 });
      expect(await next()).toBe(rig.now() + 300);
      const dueAt = rig.now() - 50;
      await rig.accept({ dueAt });
      await rig.accept({ dueAt });
      expect(await next({ limit: 1 })).toBe(dueAt);
      expect(await next({ limit: 1 })).toBe(rig.now() + 300);
      rig.advance(1_000);
      expect(await next()).toBeUndefined();
    });

    test('leaves out the recipients that are due later, and all that have ended', async () => {
      const rig = await open();
      const message = await rig.acceptLeased({ to: ['a@rcpt.test', 'b@rcpt.test', 'c@rcpt.test'] });
      await rig.finish(message, [
        { state: 'deferred', dueAt: rig.now() + 2_000 },
        { state: 'delivered' },
        { state: 'deferred', dueAt: rig.now() + 1_000 },
      ]);
      rig.advance(1_000);
      const [again] = await rig.claim();
      expect(again?.recipients).toEqual([
        { index: 2, address: 'c@rcpt.test', wasUnknown: false, attempts: 1 },
      ]);
      expect(again?.attempt).toBe(2);
    });
  });

  describe('a message inserted with a lease', () => {
    test('is ours at once, as its first attempt', async () => {
      const rig = await open();
      const { id } = await rig.accept({ lease: rig.lease });
      expect(await rig.claim()).toEqual([]);
      expect((await rig.view(id)).isLeased).toBe(true);
      const back = { id, lease: rig.lease, lane: 1, dueAt: rig.now() };
      expect(await rig.hurry(rig.store.queue.release(back))).toBe(true);
      expect((await rig.claim())[0]?.attempt).toBe(1);
    });

    test('can be finished without ever being claimed', async () => {
      const rig = await open();
      const leased = await rig.acceptHot();
      expect(await rig.finish(leased, [{ state: 'deferred', dueAt: rig.now() }])).toBe(true);
      expect((await rig.claim())[0]?.attempt).toBe(2);
    });
  });
}

function request(rig: StoreRig, more: Partial<ClaimRequest> = {}): ClaimRequest {
  return { lane: 1, lease: rig.lease, now: rig.now(), limit: 1_000, maxBytes: 1e9, ...more };
}
