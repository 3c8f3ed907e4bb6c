import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Nodes, Place } from '../store/store.ts';
import { type LeaseRenewal, startLeaseRenewal } from './lease-renewal.ts';

// The store is a script here: what is told of leases and places is what a test is about.

const RENEWAL_MS = 3_000;

let isOurs: boolean;
let isAway: boolean;
let place: Place;
let nowMs: number;
let heard: string[];
let renewal: LeaseRenewal | undefined;

beforeEach(() => {
  vi.useFakeTimers();
  [isOurs, isAway, place, nowMs, heard] = [true, false, { place: 0, of: 1 }, 0, []];
});
afterEach(async () => {
  await renewal?.stop({ leave: false });
  vi.useRealTimers();
});

async function start(): Promise<LeaseRenewal> {
  const nodes: Pick<Nodes, 'join' | 'renew' | 'place'> = {
    join: async () => ({ lease: 7, node: 7 }),
    async renew() {
      if (isAway) throw new Error('away');
      return isOurs;
    },
    place: async () => place,
  };
  const clocks = { now: () => nowMs, monotonicMs: () => nowMs };
  const onRenewal = (error?: unknown) => void heard.push(error === undefined ? 'there' : 'away');
  renewal = await startLeaseRenewal(nodes as Nodes, clocks, { host: 'test', pid: 1 }, onRenewal);
  return renewal;
}

async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 500) {
    nowMs += 500;
    await vi.advanceTimersByTimeAsync(500);
  }
}

test('a node alone has all connections at once', async () => {
  expect((await start()).shareOf(5)).toBe(5);
});

test('a node that joins others has none until they have made room', async () => {
  place = { place: 2, of: 3 };
  const { shareOf } = await start();
  expect(shareOf(5)).toBe(0);
  await pass(RENEWAL_MS);
  expect(shareOf(5)).toBe(0);
  await pass(RENEWAL_MS);
  expect(shareOf(5)).toBe(1);
});

test('the shares of all nodes are the whole', async () => {
  for (const [whole, of] of [
    [5, 3],
    [1, 2],
    [7, 7],
    [100, 9],
  ] as const) {
    let sum = 0;
    for (place = { place: 0, of }; place.place < of; place = { place: place.place + 1, of }) {
      const { shareOf } = await start();
      await pass(2 * RENEWAL_MS);
      sum += shareOf(whole);
      await renewal?.stop({ leave: false });
    }
    expect(sum).toBe(whole);
  }
});

test('a share shrinks with the next renewal, and grows only when the others have seen why', async () => {
  const { shareOf } = await start();
  place = { place: 0, of: 2 };
  await pass(RENEWAL_MS);
  expect(shareOf(4)).toBe(2);
  place = { place: 0, of: 1 };
  await pass(2 * RENEWAL_MS);
  expect(shareOf(4)).toBe(2);
  await pass(RENEWAL_MS);
  expect(shareOf(4)).toBe(4);
});

test('the first of all does what one alone is to do, and its successor only when all know', async () => {
  const { isLeader } = await start();
  expect(isLeader()).toBe(true);
  place = { place: 1, of: 2 };
  await pass(RENEWAL_MS);
  expect(isLeader()).toBe(false);
  place = { place: 0, of: 1 };
  await pass(2 * RENEWAL_MS);
  expect(isLeader()).toBe(false);
  await pass(RENEWAL_MS);
  expect(isLeader()).toBe(true);
  isAway = true;
  await pass(11_000);
  expect(isLeader()).toBe(false);
});

test('who was away from the store does not judge others until they had the time to renew', async () => {
  const { canDeclareDead, isFresh } = await start();
  expect(canDeclareDead()).toBe(true);
  isAway = true;
  await pass(20_000);
  expect([canDeclareDead(), isFresh()]).toEqual([false, false]);
  isAway = false;
  await pass(500);
  expect([canDeclareDead(), isFresh()]).toEqual([false, true]);
  await pass(15_000);
  expect(canDeclareDead()).toBe(true);
  expect(heard.lastIndexOf('away')).toBeLessThan(heard.lastIndexOf('there'));
});

test('who was declared dead hears of it with the next renewal', async () => {
  const { lost } = await start();
  let isLost = false;
  void lost.then(() => {
    isLost = true;
  });
  await pass(RENEWAL_MS);
  expect(isLost).toBe(false);
  isOurs = false;
  await pass(RENEWAL_MS);
  expect(isLost).toBe(true);
});
