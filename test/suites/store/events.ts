import { describe, expect, test } from 'vitest';
import type { EventType } from '../../../src/core/event.ts';
import type { OpenRig, StoreRig } from '../../helpers/stores/store-rig.ts';

export function describeEvents(open: OpenRig): void {
  describe('events', () => {
    test('come in pages, oldest first, by a cursor that only grows', async () => {
      const rig = await open();
      for (let i = 0; i < 7; i++) await rig.accept();
      const seqs: bigint[] = [];
      let after = '0';
      for (let size = 3; size > 0; ) {
        const page = await rig.store.history.events({ after, limit: 3 });
        seqs.push(...page.map(event => BigInt(event.seq)));
        after = page.at(-1)?.seq ?? after;
        size = page.length;
      }
      expect(seqs).toHaveLength(7);
      expect(seqs.every((seq, i) => i === 0 || seq > (seqs[i - 1] ?? 0n))).toBe(true);
    });

    test('reach a reader that follows while they are written, each once', async () => {
      const rig = await open();
      const seen: string[] = [];
      let after = '0';
      for (let round = 0; round < 10; round++) {
        const writing = Promise.all([rig.accept(), rig.accept(), rig.accept()]);
        const page = await rig.store.history.events({ after, limit: 2 });
        seen.push(...page.map(event => event.seq));
        after = page.at(-1)?.seq ?? after;
        await writing;
      }
      seen.push(...(await rig.store.history.events({ after, limit: 100 })).map(event => event.seq));
      expect(seen).toEqual((await rig.events()).map(event => event.seq));
      expect(seen).toHaveLength(30);
    });

    test("can be asked for by account and by message, and never show another account's", async () => {
      const rig = await open();
      const one = await rig.accept({ account: 1 });
      const two = await rig.accept({ account: 2 });
      const three = await rig.accept({ account: 1 });
      await recordAlert(rig);
      const ids = async (more: { account?: number; messageId?: string }) =>
        (await rig.store.history.events({ after: '0', limit: 9, ...more })).map(event => event.messageId);
      expect(await ids({})).toEqual([one.id, two.id, three.id, undefined]);
      expect(await ids({ account: 1 })).toEqual([one.id, three.id]);
      expect(await ids({ messageId: two.id })).toEqual([two.id]);
      expect(await ids({ messageId: two.id, account: 2 })).toEqual([two.id]);
      expect(await ids({ messageId: two.id, account: 1 })).toEqual([]);
    });

    test('can be asked for by their types, also of one account or message', async () => {
      const rig = await open();
      const [one, two] = [await rig.acceptLeased({ account: 1 }), await rig.acceptLeased({ account: 2 })];
      for (const message of [one, two]) await rig.finish(message, [{ state: 'bounced' }]);
      await recordAlert(rig);
      const found = async (
        types: readonly EventType[],
        more: { account?: number; messageId?: string } = {},
      ) => {
        const events = await rig.store.history.events({ after: '0', limit: 9, types, ...more });
        return events.map(({ type, messageId }) => [type, messageId]);
      };
      const ofTwo = ['bounced', two.id];
      expect(await found(['bounced', 'alert'])).toEqual([['bounced', one.id], ofTwo, ['alert', undefined]]);
      expect(await found(['bounced', 'alert'], { account: 2 })).toEqual([ofTwo]);
      expect(await found(['bounced'], { messageId: two.id })).toEqual([ofTwo]);
      expect(await found([])).toEqual([]);
    });

    test('of one message come in pages, too', async () => {
      const rig = await open();
      const { id } = await rig.accept({ to: ['a@rcpt.test', 'b@rcpt.test', 'c@rcpt.test'] });
      await rig.store.queue.cancel({ id, now: rig.now() });
      await rig.accept();
      const [first, second] = await rig.store.history.events({ after: '0', limit: 2, messageId: id });
      const rest = await rig.store.history.events({ after: second?.seq ?? '', limit: 9, messageId: id });
      expect([first, second, ...rest].map(event => event?.recipient)).toEqual([
        undefined,
        'a@rcpt.test',
        'b@rcpt.test',
        'c@rcpt.test',
      ]);
    });

    test('about a provider have no message', async () => {
      const rig = await open();
      await recordAlert(rig);
      expect(await rig.events()).toEqual([
        {
          seq: expect.any(String),
          at: rig.now(),
          type: 'alert',
          provider: 6,
          data: { reason: 'AUTH refused' },
        },
      ]);
    });

    test('refuse a cursor that is none of theirs', async () => {
      const rig = await open();
      for (const after of ['x', '-1', '1e3', '', '9'.repeat(30)])
        await expect(rig.store.history.events({ after, limit: 1 })).rejects.toMatchObject({
          code: 'invalid',
          details: { field: 'after' },
        });
    });
  });

  describe('onEvents', () => {
    test('tells of events that were committed, until stopped', async () => {
      const rig = await open();
      const news = listenTo(rig);
      await rig.accept();
      await news.came();
      expect(await rig.events()).toHaveLength(1);
      await recordAlert(rig);
      await news.came();
      news.stop();
      const count = news.count();
      await rig.accept();
      await rig.accept();
      expect(news.count()).toBe(count);
    });

    test('is silent about what writes no event', async () => {
      const rig = await open();
      await rig.accept({ dueAt: rig.now() + 1 });
      const news = listenTo(rig);
      await rig.claim();
      await rig.store.queue.depth();
      await rig.store.registry.list('provider');
      await rig.store.nodes.renew(rig.lease, rig.now() + 1);
      expect(news.count()).toBe(0);
    });
  });
}

function recordAlert(rig: StoreRig): Promise<void> {
  const alert = { at: rig.now(), type: 'alert', provider: 6, data: { reason: 'AUTH refused' } } as const;
  return rig.hurry(rig.store.history.record(alert));
}

function listenTo(rig: StoreRig) {
  let count = 0;
  let heard = Promise.withResolvers<void>();
  const stop = rig.store.history.onEvents(() => {
    count += 1;
    heard.resolve();
  });
  return {
    stop,
    count: () => count,
    /** Resolves once there was news since the last time. */
    async came() {
      await heard.promise;
      heard = Promise.withResolvers();
    },
  };
}
