import { describe, expect, test } from 'vitest';
import { KEPT_MS, type ReportStep, STEP_MS, type Traffic } from '../../../src/store/reports.ts';
import { slotOf } from '../../../src/store/statistics.ts';
import type { OpenRig, StoreRig } from '../../helpers/stores/store-rig.ts';

const DAYS = { deliveredBodyMs: STEP_MS.day, otherBodyMs: STEP_MS.day, eventMs: 900 * STEP_MS.day };

export function describeReports(open: OpenRig): void {
  const read = (rig: StoreRig, step: ReportStep, more: object = {}) =>
    rig.store.reports.traffic({ step, from: 0, to: rig.now() + STEP_MS.day, ...more });
  const refusalsOf = (rig: StoreRig, more: object = {}) =>
    rig.store.reports.refusals({ from: 0, to: rig.now() + STEP_MS.day, limit: 10, ...more });

  /** How many of each type, over all stretches. */
  function sums(rows: readonly Traffic[]): Record<string, number> {
    const total: Record<string, number> = {};
    for (const { type, amount } of rows) total[type] = (total[type] ?? 0) + amount;
    return total;
  }

  async function recount(rig: StoreRig, step: ReportStep, more: object = {}) {
    await rig.indexAll();
    return sums(await read(rig, step, more));
  }

  describe('figures', () => {
    test.each(['minute', 'hour', 'day'] as const)('count recipients by the %s', async step => {
      const rig = await open();
      const message = await rig.acceptLeased({ to: ['a@x.test', 'b@x.test', 'c@y.test'] });
      await rig.finish(message, [
        { state: 'delivered' },
        { state: 'bounced' },
        { state: 'deferred', dueAt: rig.now() + 60_000 },
      ]);
      await rig.store.queue.cancel({ id: message.id, now: rig.now() });
      await rig.indexAll();
      const rows = await read(rig, step);
      expect(sums(rows)).toEqual({ accepted: 3, delivered: 1, bounced: 1, deferred: 1, cancelled: 1 });
      const at = rig.now() - (rig.now() % STEP_MS[step]);
      expect(new Set(rows.map(row => row.at))).toEqual(new Set([at]));
    });

    test('lie in the stretch in which it happened, and are found by time', async () => {
      const rig = await open();
      await rig.accept();
      rig.advance(2 * STEP_MS.minute);
      const later = rig.now() - (rig.now() % STEP_MS.minute);
      await rig.accept();
      await rig.indexAll();
      expect(await read(rig, 'minute')).toHaveLength(2);
      expect(await read(rig, 'minute', { from: later })).toHaveLength(1);
      expect(await read(rig, 'minute', { to: later })).toHaveLength(1);
      expect(await read(rig, 'minute', { to: later + 1 })).toHaveLength(2);
    });

    test('are kept for accounts, providers and domains', async () => {
      const rig = await open();
      await rig.finish(await rig.acceptLeased({ to: ['a@x.test'], lane: 3 }), [{ state: 'delivered' }]);
      await rig.finish(await rig.acceptLeased({ to: ['a@y.test'], lane: 4, account: 2 }), [
        { state: 'bounced' },
      ]);
      expect(await recount(rig, 'hour')).toEqual({ accepted: 2, delivered: 1, bounced: 1 });
      expect(await recount(rig, 'hour', { provider: 3 })).toEqual({ delivered: 1 });
      expect(await recount(rig, 'hour', { account: 2 })).toEqual({ accepted: 1, bounced: 1 });
      expect(await recount(rig, 'day', { domain: 'x.test' })).toEqual({ accepted: 1, delivered: 1 });
      expect(await recount(rig, 'hour', { domain: 'y.test', account: 1 })).toEqual({});
    });

    test('tell how long delivery took from when it was due', async () => {
      const rig = await open();
      const message = await rig.acceptLeased();
      rig.advance(700);
      await rig.finish(message, [{ state: 'delivered' }]);
      const scheduled = await rig.accept({ dueAt: rig.now() + STEP_MS.hour });
      rig.advance(STEP_MS.hour);
      const [due] = await rig.claim();
      if (due === undefined) throw new Error(`${scheduled.id} is not due`);
      rig.advance(90);
      await rig.finish(due, [{ state: 'delivered' }]);
      await rig.indexAll();
      const slots = (await read(rig, 'day')).filter(row => row.type === 'delivered').map(row => row.slot);
      expect(slots.toSorted((a, b) => a - b)).toEqual([slotOf(90), slotOf(700)]);
    });

    test('count everything once, however often they are brought up to date', async () => {
      const rig = await open();
      for (let i = 0; i < 3; i++) await rig.accept();
      await rig.indexAll();
      await rig.indexAll();
      await rig.restart();
      await rig.accept();
      expect(await recount(rig, 'hour')).toEqual({ accepted: 4 });
    });

    test('say why mail was refused, by reply, domain and provider, most first', async () => {
      const rig = await open();
      for (const [to, state] of [
        ['a@x.test', 'bounced'],
        ['b@x.test', 'bounced'],
        ['c@y.test', 'bounced'],
        ['d@x.test', 'failed'],
      ] as const) {
        await rig.finish(await rig.acceptLeased({ to: [to] }), [{ state }]);
        rig.advance(1_000);
      }
      await rig.indexAll();
      const bounce = { code: 550, enhanced: null, lastReason: 'no such user' };
      const lastAt = rig.now();
      const { rows, total } = await refusalsOf(rig);
      expect(total).toBe(4);
      expect(rows).toEqual([
        { ...bounce, domain: 'x.test', provider: 1, amount: 2, lastAt: lastAt - 3_000 },
        {
          ...{ code: null, enhanced: null, lastReason: 'needs SMTPUTF8' },
          ...{ domain: 'x.test', provider: 1, amount: 1, lastAt: lastAt - 1_000 },
        },
        { ...bounce, domain: 'y.test', provider: 1, amount: 1, lastAt: lastAt - 2_000 },
      ]);
      expect((await refusalsOf(rig, { by: 'code' })).rows).toEqual([
        { ...bounce, amount: 3, lastAt: lastAt - 2_000 },
        expect.objectContaining({ code: null, amount: 1 }),
      ]);
      expect((await refusalsOf(rig, { by: 'domain', limit: 1 })).rows).toEqual([
        { domain: 'x.test', amount: 3, lastAt: lastAt - 1_000, lastReason: 'needs SMTPUTF8' },
      ]);
      expect((await refusalsOf(rig, { by: 'provider' })).rows).toMatchObject([{ provider: 1, amount: 4 }]);
      expect(await refusalsOf(rig, { domain: 'y.test' })).toMatchObject({ total: 1 });
      expect(await refusalsOf(rig, { provider: 2 })).toEqual({ rows: [], total: 0 });
    });

    test('go when they are old, the fine ones first', async () => {
      const rig = await open();
      await rig.accept();
      await rig.indexAll();
      const left = async () => {
        await rig.hurry(rig.store.purge(DAYS, rig.now()));
        const steps = ['minute', 'hour', 'day'] as const;
        return Promise.all(steps.map(async step => (await read(rig, step)).length));
      };
      expect(await left()).toEqual([1, 1, 1]);
      rig.advance(KEPT_MS.minute + STEP_MS.minute);
      expect(await left()).toEqual([0, 1, 1]);
      rig.advance(KEPT_MS.hour);
      expect(await left()).toEqual([0, 0, 1]);
      rig.advance(KEPT_MS.day);
      expect(await left()).toEqual([0, 0, 0]);
    });
  });
}
