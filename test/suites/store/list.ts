import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MessageFilter, MessageView } from '../../../src/core/message-view.ts';
import { matches } from '../../helpers/stores/store-filter.ts';
import { address, HOUR_MS } from '../../helpers/stores/store-message.ts';
import type { OpenRig, StoreRig } from '../../helpers/stores/store-rig.ts';

export function describeList(open: OpenRig): void {
  describe('list', () => {
    test('answers every filter alone, the same before and after the index has caught up', async () => {
      const rig = await open();
      const views = await fill(rig);
      const values = filterValues(views);
      const alone = Object.entries(values).flatMap(([field, list]) =>
        list.map(value => ({ [field]: value })),
      );
      for (const catchUp of [async () => {}, () => rig.hurry(rig.store.index()), () => rig.indexAll()]) {
        await catchUp();
        for (const filter of alone) await expectExact(rig, views, filter);
      }
    });

    test('answers any combination of filters', async () => {
      const rig = await open();
      const views = await fill(rig);
      const filters = fc.record(
        Object.fromEntries(
          Object.entries(filterValues(views)).map(([field, list]) => [field, fc.constantFrom(...list)]),
        ),
        { requiredKeys: [] },
      );
      const sweep = () => fc.assert(fc.asyncProperty(filters, filter => expectExact(rig, views, filter)));
      await sweep();
      await rig.indexAll();
      await sweep();
    });

    test('follows a message from state to state, whatever the index has read', async () => {
      const rig = await open();
      const message = await rig.acceptLeased();
      const found = async (state: MessageFilter['state'] & string) =>
        (await rig.store.history.list({ state }, { limit: 9 })).items.length;
      await rig.finish(message, [{ state: 'bounced' }]);
      expect([await found('queued'), await found('bounced')]).toEqual([0, 1]);
      await rig.indexAll();
      await rig.store.queue.retry({ id: message.id, now: rig.now(), expiresAt: rig.now() });
      expect([await found('queued'), await found('bounced')]).toEqual([1, 0]);
      await rig.indexAll();
      await rig.store.queue.cancel({ id: message.id, now: rig.now() });
      expect([await found('queued'), await found('bounced'), await found('cancelled')]).toEqual([0, 0, 1]);
    });

    test('finds words as words, in any script and any capitals', async () => {
      const rig = await open();
      for (const subject of ['Contest results', 'ÜBER-Test 7', 'Re: test', 'ΑΘΗΝΑ σήμερα', 'नमस्ते दुनिया'])
        await rig.accept({ subject });
      const found = async (...words: string[]) =>
        (await rig.store.history.list({ words }, { limit: 9 })).items.map(one => one.subject).toReversed();
      for (const catchUp of [async () => {}, () => rig.indexAll()]) {
        await catchUp();
        expect(await found('test')).toEqual(['ÜBER-Test 7', 'Re: test']);
        expect(await found('über', 'TEST')).toEqual(['ÜBER-Test 7']);
        expect(await found('über-test')).toEqual(['ÜBER-Test 7']);
        expect(await found('7')).toEqual(['ÜBER-Test 7']);
        expect(await found('αθηνα')).toEqual(['ΑΘΗΝΑ σήμερα']);
        expect(await found('दुनिया')).toEqual(['नमस्ते दुनिया']);
        expect(await found('results', 'test')).toEqual([]);
        expect(await found('test', '–', '%')).toEqual(['ÜBER-Test 7', 'Re: test']);
      }
    });

    test('compares domains whole and letter by letter', async () => {
      const rig = await open();
      for (const domain of ['a-b.test', 'axb.test', 'sub.a-b.test'])
        await rig.accept({ to: [`x@${domain}`], subject: domain });
      const found = async (recipient: string) =>
        (await rig.store.history.list({ recipient }, { limit: 9 })).items.map(one => one.subject);
      for (const catchUp of [async () => {}, () => rig.indexAll()]) {
        await catchUp();
        expect(await found('@a-b.test')).toEqual(['a-b.test']);
        expect(await found('@a_b.test')).toEqual([]);
        expect(await found('@%.test')).toEqual([]);
      }
    });

    test('pages newest first without gaps or repeats while new mail arrives', async () => {
      const rig = await open();
      const tags = ['paged'];
      const there = await Promise.all(Array.from({ length: 23 }, () => rig.accept({ tags })));
      await rig.hurry(rig.store.index());
      for (const filter of [{}, { tag: 'paged' }, { state: 'queued' }, { until: rig.now() + 1 }] as const) {
        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await rig.store.history.list(filter, {
            limit: 5,
            ...(cursor !== undefined && { cursor }),
          });
          expect(page.items.length).toBeGreaterThan(0);
          seen.push(...page.items.map(one => one.id));
          cursor = page.next;
          await rig.accept({ tags });
        } while (cursor !== undefined);
        const old = seen.filter(id => there.some(one => one.id === id));
        expect(old).toEqual(there.map(one => one.id).toReversed());
        expect(new Set(seen).size).toBe(seen.length);
        rig.advance(1);
      }
    });

    test('ends with a full last page and no cursor', async () => {
      const rig = await open();
      for (let i = 0; i < 4; i++) await rig.accept();
      const first = await rig.store.history.list({}, { limit: 2 });
      const cursor = first.next;
      expect(cursor).toBeDefined();
      const last = await rig.store.history.list({}, { limit: 2, ...(cursor !== undefined && { cursor }) });
      expect(last.items).toHaveLength(2);
      expect(last.next).toBeUndefined();
    });

    test('finds the same when it may stop early, on as many pages as that takes', async () => {
      const rig = await open();
      const views = await fill(rig);
      for (const filter of [{}, { state: 'bounced' }, { words: ['z'] }] as const) {
        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const page = { limit: 9, maxScan: 1, ...(cursor !== undefined && { cursor }) };
          const { items, next } = await rig.store.history.list(filter, page);
          seen.push(...items.map(({ id }) => id));
          cursor = next;
        } while (cursor !== undefined);
        const wanted = views.filter(view => matches(view, [], filter)).map(({ id }) => id);
        expect(seen).toEqual(wanted.toSorted().toReversed());
      }
    });

    test('refuses a cursor that is none of its own', async () => {
      const rig = await open();
      const page = rig.store.history.list({}, { cursor: "' or 1=1", limit: 2 });
      await expect(page).rejects.toMatchObject({ code: 'invalid', details: { field: 'cursor' } });
    });
  });

  describe('a message', () => {
    test('is not there for another account, nor under a text that is no id', async () => {
      const rig = await open();
      const { id } = await rig.accept({ account: 1 });
      const { history } = rig.store;
      expect(await history.message(id, 2)).toBeUndefined();
      expect(await history.body(id, 2)).toBeUndefined();
      expect(await history.message(id, 1)).toBeDefined();
      for (const wrong of ['no id at all', id.toUpperCase(), `${id}0`, '']) {
        expect(await history.message(wrong)).toBeUndefined();
        expect(await history.body(wrong)).toBeUndefined();
        expect(await history.attempts(wrong)).toEqual([]);
        expect(await history.events({ after: '0', limit: 9, messageId: wrong })).toEqual([]);
      }
    });
  });
}

/** Messages that differ in all that can be asked for, some of them under way or ended. */
async function fill(rig: StoreRig): Promise<readonly MessageView[]> {
  const ids: string[] = [];
  for (let i = 0; i < 12; i++) {
    const message = await rig.acceptLeased({
      account: 1 + (i % 2),
      lane: 1 + (i % 3),
      to: i % 4 === 0 ? ['Ann@one.test', 'bob@two.test'] : [i % 3 === 0 ? 'ann@one.test' : 'carl@two.test'],
      from: address(i % 2 === 0 ? 'shop@sender.test' : 'news@other.test'),
      tags: i % 3 === 0 ? ['reset', 'b'] : i % 3 === 1 ? ['news'] : [],
      metadata: i % 2 === 0 ? { order: String(i % 3), 'a"b.c': 'x\ny' } : {},
      subject: ['Your order', 'Your password', 'Order of the day'][i % 3] ?? '',
    });
    ids.push(message.id);
    const later = rig.now() + HOUR_MS;
    if (i % 6 === 0)
      await rig.finish(
        message,
        message.recipients.map(() => ({ state: 'delivered' })),
      );
    if (i % 6 === 1) await rig.finish(message, [{ state: 'bounced' }]);
    if (i % 6 === 2) await rig.finish(message, [{ state: 'deferred', dueAt: later }]);
    if (i % 6 === 3) await rig.finish(message, [{ state: 'unknown', dueAt: later }], { lane: 5 });
    if (i % 6 === 4)
      await rig.finish(
        message,
        message.recipients.map(() => ({ state: 'expired' })),
      );
    rig.advance(i % 2 === 0 ? 1_000 : 0);
  }
  return Promise.all(ids.map(id => rig.view(id)));
}

/** Every field of a filter with values that some message has, and one that none has. */
function filterValues(views: readonly MessageView[]): { [K in keyof MessageFilter]-?: MessageFilter[K][] } {
  const times = [0, 3, 11].map(i => views[i]?.createdAt ?? 0);
  return {
    id: [...[0, 5].map(i => views[i]?.id ?? ''), '0000000000000'],
    account: [1, 2, 3],
    recipient: ['ann@one.test', 'Ann@one.test', '@two.test', 'nobody@two.test', '@nowhere.test'],
    sender: ['bounce@sender.test', '@sender.test', 'news@other.test', '@other.test', '@nowhere.test'],
    state: ['queued', 'deferred', 'delivered', 'bounced', 'failed', 'expired', 'cancelled', 'unknown'],
    tag: ['reset', 'b', 'news', 'RESET'],
    metadata: [
      { order: '1' },
      { order: '2', 'a"b.c': 'x\ny' },
      { order: 'x' },
      { 'a"b.c': 'X\ny' },
      { none: '' },
      {},
    ],
    provider: [1, 2, 5, 9],
    words: [['order'], ['your', 'ORDER'], ['password'], ['nothing'], []],
    since: times,
    until: times,
  };
}

async function expectExact(
  rig: StoreRig,
  views: readonly MessageView[],
  filter: MessageFilter,
): Promise<void> {
  const found = await rig.store.history.list(filter, { limit: 100 });
  const attempts = new Map<string, readonly number[]>();
  for (const { id } of views)
    attempts.set(
      id,
      (await rig.store.history.attempts(id)).map(attempt => attempt.provider),
    );
  const expected = views.filter(view => matches(view, attempts.get(view.id) ?? [], filter));
  expect(found.items).toEqual(expected.toReversed());
  expect(found.next).toBeUndefined();
  expect(await rig.store.history.count(filter, 100)).toBe(expected.length);
  expect(await rig.store.history.count(filter, 1)).toBe(Math.min(1, expected.length));
}
