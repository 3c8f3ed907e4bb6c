import { describe, expect, test } from 'vitest';
import { type Budget, calendarBudget, rollingBudget } from '../../../src/core/budget.ts';
import { HOUR_MS } from '../../helpers/stores/store-message.ts';
import type { OpenRig, StoreRig } from '../../helpers/stores/store-rig.ts';

/** At most ten recipients in any minute, in buckets of a second. */
const MAX = 10;
const MINUTE_MS = 60_000;

export function describeLimits(open: OpenRig): void {
  describe('a draw', () => {
    test('takes as much as there is, up to the most that is wanted', async () => {
      const rig = await open();
      expect(await draw(rig, 1, 6)).toEqual({ granted: 6 });
      expect(await left(rig)).toBe(4);
      expect(await draw(rig, 1, 6)).toEqual({ granted: 4 });
      expect(await left(rig)).toBe(0);
    });

    test('takes nothing when there is less than the least, and says when there may be that', async () => {
      const rig = await open();
      await draw(rig, 3);
      rig.advance(5_000);
      await draw(rig, 4);
      rig.advance(1_000);
      const first = secondOf(rig) - 6_000 + MINUTE_MS;
      expect(await draw(rig, 4)).toEqual({ granted: 0, retryAt: first });
      expect(await draw(rig, 6)).toEqual({ granted: 0, retryAt: first });
      expect(await draw(rig, 7)).toEqual({ granted: 0, retryAt: first + 5_000 });
      expect(await draw(rig, 3)).toEqual({ granted: 3 });
    });

    test('may take again what lies a whole window back, to the millisecond', async () => {
      const rig = await open();
      const short = await drawUntilShort(rig);
      rig.advance(short - 1 - rig.now());
      expect(await draw(rig, 1)).toEqual({ granted: 0, retryAt: short });
      rig.advance(1);
      expect(await draw(rig, MAX)).toEqual({ granted: MAX });
    });

    test('takes from all budgets, or from none', async () => {
      const rig = await open();
      const [small, large] = [minute(rig, 'small', 3), minute(rig, 'large', 8)];
      expect(await drawFrom(rig, [large, small], 1, 5)).toEqual({ granted: 3 });
      expect(await rig.store.limits.left({ budgets: [large], now: rig.now() })).toBe(5);
      expect(await drawFrom(rig, [large, small], 1, 5)).toMatchObject({ granted: 0 });
      expect(await rig.store.limits.left({ budgets: [large], now: rig.now() })).toBe(5);
      expect(await rig.store.limits.left({ budgets: [large, small], now: rig.now() })).toBe(0);
    });

    test('waits for the last of the budgets that are short', async () => {
      const rig = await open();
      const hour = rollingBudget('one', 'hour', 5, rig.now());
      const budgets = [minute(rig, 'one', 5), hour, rollingBudget('one', 'day', 50, rig.now())];
      await drawFrom(rig, budgets, 5, 5);
      expect(await drawFrom(rig, budgets, 1, 5)).toEqual({ granted: 0, retryAt: hour.expiresAt });
    });

    test('of more than a whole budget is given when that is untouched, and only then', async () => {
      const rig = await open();
      expect(await draw(rig, MAX + 5, MAX + 9)).toEqual({ granted: MAX + 5 });
      expect(await left(rig)).toBe(0);
      const again = await draw(rig, MAX + 5);
      expect(again).toEqual({ granted: 0, retryAt: secondOf(rig) + MINUTE_MS });
      rig.advance(MINUTE_MS);
      await draw(rig, 1);
      expect(await draw(rig, MAX + 5)).toEqual({ granted: 0, retryAt: secondOf(rig) + MINUTE_MS });
    });

    test('gets nothing of a budget of nothing', async () => {
      const rig = await open();
      expect(await drawFrom(rig, [minute(rig, 'closed', 0)], 1, 1)).toMatchObject({ granted: 0 });
    });

    test('is not limited where there is no budget', async () => {
      const { store, now } = await open();
      expect(await store.limits.draw({ budgets: [], least: 1, most: 7, now: now() })).toEqual({ granted: 7 });
    });

    test('does not see the counters of others', async () => {
      const rig = await open();
      await draw(rig, MAX);
      expect(await drawFrom(rig, [minute(rig, 'two', MAX)], MAX, MAX)).toEqual({ granted: MAX });
      expect(await drawFrom(rig, [rollingBudget('one', 'hour', 3, rig.now())], 3, 3)).toEqual({ granted: 3 });
    });

    test('never exceeds the budget, however many draw at once', async () => {
      const rig = await open();
      const draws = await Promise.all(Array.from({ length: 100 }, () => draw(rig, 1)));
      expect(draws.filter(one => one.granted === 1)).toHaveLength(MAX);
      expect(draws.filter(one => one.granted === 0)).toHaveLength(100 - MAX);
      expect(await left(rig)).toBe(0);
    });

    test('holds across a restart', async () => {
      const rig = await open();
      const hourly = () => [rollingBudget('one', 'hour', MAX, rig.now())];
      await drawFrom(rig, hourly(), MAX, MAX);
      await rig.restart();
      expect(await drawFrom(rig, hourly(), 1, 1)).toMatchObject({ granted: 0 });
      rig.advance(HOUR_MS);
      expect(await drawFrom(rig, hourly(), 1, 1)).toEqual({ granted: 1 });
    });

    test('counts a calendar day until its end', async () => {
      const rig = await open();
      const today = () => calendarBudget('quota', 'day', MAX, rig.now());
      const midnight = today().expiresAt;
      await drawFrom(rig, [today()], MAX, MAX);
      rig.advance(HOUR_MS);
      expect(await drawFrom(rig, [today()], 1, 1)).toEqual({ granted: 0, retryAt: midnight });
      rig.advance(midnight - rig.now());
      expect(await drawFrom(rig, [today()], 1, 1)).toEqual({ granted: 1 });
    });

    test('sees a limit that was lowered or raised since', async () => {
      const rig = await open();
      await draw(rig, MAX);
      expect(await drawFrom(rig, [minute(rig, 'one', MAX + 2)], 1, 5)).toEqual({ granted: 2 });
      expect(await drawFrom(rig, [minute(rig, 'one', 5)], 1, 5)).toMatchObject({ granted: 0 });
      expect(await rig.store.limits.left({ budgets: [minute(rig, 'one', 5)], now: rig.now() })).toBe(0);
    });

    test('counts what a clock a little ahead of ours drew, but not what a wrong one did', async () => {
      const rig = await open();
      rig.advance(MINUTE_MS / 2);
      await draw(rig, 4);
      rig.advance(100 * HOUR_MS);
      await draw(rig, MAX);
      rig.advance(-100 * HOUR_MS - MINUTE_MS / 2);
      expect(await left(rig)).toBe(MAX - 4);
    });
  });

  describe('giving back', () => {
    test('puts what was drawn back into every budget', async () => {
      const rig = await open();
      const budgets = [minute(rig, 'one', MAX), rollingBudget('one', 'hour', 2 * MAX, rig.now())];
      await drawFrom(rig, budgets, MAX, MAX);
      rig.advance(20_000);
      await rig.hurry(rig.store.limits.giveBack({ budgets, amount: 4 }));
      expect(await left(rig)).toBe(4);
      expect(await rig.store.limits.left({ budgets: budgets.slice(1), now: rig.now() })).toBe(MAX + 4);
    });

    test('leaves a budget that all was put back into untouched', async () => {
      const rig = await open();
      await draw(rig, MAX);
      await giveBack(rig, MAX);
      expect(await draw(rig, MAX + 1)).toEqual({ granted: MAX + 1 });
    });

    test('makes no more of a budget than it is', async () => {
      const rig = await open();
      await draw(rig, 2);
      await giveBack(rig, 5);
      expect(await left(rig)).toBe(MAX);
      rig.advance(2 * MINUTE_MS);
      await giveBack(rig, 5);
      expect(await left(rig)).toBe(MAX);
    });
  });
}

function minute(rig: StoreRig, owner: string, max: number): Budget {
  return rollingBudget(owner, 'minute', max, rig.now());
}

function draw(rig: StoreRig, least: number, most = least) {
  return drawFrom(rig, [minute(rig, 'one', MAX)], least, most);
}

function drawFrom(rig: StoreRig, budgets: readonly Budget[], least: number, most: number) {
  return rig.store.limits.draw({ budgets, least, most, now: rig.now() });
}

function giveBack(rig: StoreRig, amount: number): Promise<void> {
  return rig.hurry(rig.store.limits.giveBack({ budgets: [minute(rig, 'one', MAX)], amount }));
}

function left(rig: StoreRig): Promise<number> {
  return rig.store.limits.left({ budgets: [minute(rig, 'one', MAX)], now: rig.now() });
}

/** Where the bucket of now begins. */
function secondOf(rig: StoreRig): number {
  return Math.floor(rig.now() / 1_000) * 1_000;
}

async function drawUntilShort(rig: StoreRig): Promise<number> {
  await draw(rig, MAX);
  const short = await draw(rig, 1);
  if (!('retryAt' in short)) throw new Error('There was more than the budget.');
  return short.retryAt;
}
