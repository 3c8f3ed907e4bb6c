import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSqliteHarness, type SqliteHarness } from '../../../test/helpers/stores/store-sqlite.ts';
import { rollingBudget } from '../../core/budget.ts';
import type { ProviderLimits } from '../../core/provider.ts';
import type { Limits } from '../../store/limits.ts';
import type { Store } from '../../store/store.ts';
import { countsAgainstLimits, createQuota } from './provider-quota.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const HOUR = 3_600_000;

let harness: SqliteHarness;
let store: Store;
beforeEach(async () => {
  harness = await createSqliteHarness();
  store = await harness.open({ now: () => NOW, maxQueued: 100 });
});
afterEach(async () => {
  await store.close();
  await harness.remove();
});

function quotaOf(limits: ProviderLimits) {
  return createQuota(store.limits, { id: 7, limits });
}

function leftOf(max: number, window: 'second' | 'hour'): Promise<number> {
  return store.limits.left({ budgets: [rollingBudget('provider:7', window, max, NOW)], now: NOW });
}

describe('a quota', () => {
  it('never asks the counters for a provider without limits', async () => {
    const unreachable = async () => {
      throw new Error('The counters were asked.');
    };
    const counters: Limits = { draw: unreachable, giveBack: unreachable, left: unreachable };
    const quota = createQuota(counters, { id: 7, limits: {} });
    expect(quota.take(1_000_000)).toBe(true);
    expect(await quota.reserve(1, NOW)).toBeUndefined();
    quota.putBack(1);
    await quota.release();
    expect(quota.limitedUntil(1, NOW)).toBeUndefined();
  });

  it('reserves a tenth of the limit of a second, or what a large message needs', async () => {
    const quota = quotaOf({ maxPerSecond: 200, maxPerHour: 100_000 });
    expect(quota.take(1)).toBe(false);
    await quota.reserve(1, NOW);
    expect(quota.reserved).toBe(20);
    expect(quota.take(15)).toBe(true);
    await quota.reserve(30, NOW);
    expect(quota.reserved).toBe(30);
    expect(await leftOf(200, 'second')).toBe(200 - 15 - 30);
  });

  it('allows exactly the limit of an hour, in batches of a fiftieth, and tells when there is more', async () => {
    const quota = quotaOf({ maxPerHour: 250 });
    let taken = 0;
    let retryAt: number | undefined;
    while (retryAt === undefined) {
      retryAt = await quota.reserve(1, NOW);
      expect(quota.reserved).toBe(retryAt === undefined ? 5 : 0);
      while (quota.take(1)) taken += 1;
    }
    expect(taken).toBe(250);
    expect(retryAt).toBe(NOW + HOUR);
    expect(quota.limitedUntil(1, NOW)).toBe(NOW + HOUR);
    expect(quota.limitedUntil(1, NOW + HOUR)).toBeUndefined();
  });

  it('returns what is not used, at once or after a second without reservations', async () => {
    const quota = quotaOf({ maxPerHour: 250 });
    await quota.reserve(100, NOW);
    quota.take(30);
    await quota.release({ ifIdle: NOW + 999 });
    expect(quota.reserved).toBe(70);
    await quota.release({ ifIdle: NOW + 1_000 });
    expect(quota.reserved).toBe(0);
    expect(await leftOf(250, 'hour')).toBe(220);
    quota.putBack(30);
    await quota.release();
    expect(await leftOf(250, 'hour')).toBe(250);
  });

  it('holds back only large messages when they have to wait for longer than 10 s', async () => {
    const quota = quotaOf({ maxPerHour: 10 });
    await quota.reserve(8, NOW);
    quota.take(8);
    expect(await quota.reserve(5, NOW)).toBe(NOW + HOUR);
    expect(quota.limitedUntil(5, NOW)).toBe(NOW + HOUR);
    expect(quota.limitedUntil(2, NOW)).toBeUndefined();
    expect(await quota.reserve(2, NOW)).toBeUndefined();
  });

  it('makes all messages wait for a large one that the limits allow within 10 s', async () => {
    const quota = quotaOf({ maxPerSecond: 10 });
    await quota.reserve(8, NOW);
    quota.take(8);
    expect(await quota.reserve(5, NOW)).toBe(NOW + 1_000);
    expect(quota.limitedUntil(1, NOW)).toBe(NOW + 1_000);
  });

  it('allows nothing for a second when the counters cannot be reached', async () => {
    const quota = quotaOf({ maxPerHour: 10 });
    await store.close();
    expect(await quota.reserve(1, NOW)).toBe(NOW + 1_000);
    store = await harness.open({ now: () => NOW, maxQueued: 100 });
  });
});

it('an attempt counts against the limits of a provider from MAIL on', () => {
  const record = { number: 1, startedAt: NOW, durationMs: 1 };
  expect(countsAgainstLimits([{ ...record, provider: 7, phase: 'auth' }], { id: 7 })).toBe(false);
  expect(countsAgainstLimits([{ ...record, provider: 8, phase: 'done' }], { id: 7 })).toBe(false);
  expect(countsAgainstLimits([{ ...record, provider: 7, phase: 'mail' }], { id: 7 })).toBe(true);
});
