import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Nodes, Place } from '../store/store.ts';
import { type LeaseRenewal, startLeaseRenewal } from './lease-renewal.ts';

// The store is a script here: each test sets the answers about leases and places.

const RENEWAL_MS = 3_000;

let isOurs: boolean;
let isUnreachable: boolean;
let place: Place;
let nowMs: number;
let renewals: string[];
let renewal: LeaseRenewal | undefined;

beforeEach(() => {
  vi.useFakeTimers();
  [isOurs, isUnreachable, place, nowMs, renewals] = [true, false, { place: 0, of: 1 }, 0, []];
});
afterEach(async () => {
  await renewal?.stop({ leave: false });
  vi.useRealTimers();
});

async function start(): Promise<LeaseRenewal> {
  const nodes: Pick<Nodes, 'join' | 'renew' | 'place'> = {
    join: async () => ({ lease: 7, node: 7 }),
    async renew() {
      if (isUnreachable) throw new Error('failed');
      return isOurs;
    },
    place: async () => place,
  };
  const clocks = { now: () => nowMs, monotonicMs: () => nowMs };
  const onRenewal = (error?: unknown) => void renewals.push(error === undefined ? 'renewed' : 'failed');
  renewal = await startLeaseRenewal(nodes as Nodes, clocks, { host: 'test', pid: 1 }, onRenewal);
  return renewal;
}

async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 500) {
    nowMs += 500;
    await vi.advanceTimersByTimeAsync(500);
  }
}

test('a single node has all connections at once', async () => {
  expect((await start()).shareOf(5)).toBe(5);
});

test('a node that joins others has no connections until the others have given some up', async () => {
  place = { place: 2, of: 3 };
  const { shareOf } = await start();
  expect(shareOf(5)).toBe(0);
  await pass(RENEWAL_MS);
  expect(shareOf(5)).toBe(0);
  await pass(RENEWAL_MS);
  expect(shareOf(5)).toBe(1);
});

test('the shares of all nodes add up to the whole', async () => {
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

test('a share shrinks with the next renewal, and grows after three renewals', async () => {
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

test('the oldest node is the leader, and its successor becomes leader after three renewals', async () => {
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
  isUnreachable = true;
  await pass(11_000);
  expect(isLeader()).toBe(false);
});

test('a node that could not reach the store declares no other dead for the length of a lease', async () => {
  const { canDeclareDead, isFresh } = await start();
  expect(canDeclareDead()).toBe(true);
  isUnreachable = true;
  await pass(20_000);
  expect([canDeclareDead(), isFresh()]).toEqual([false, false]);
  isUnreachable = false;
  await pass(500);
  expect([canDeclareDead(), isFresh()]).toEqual([false, true]);
  await pass(15_000);
  expect(canDeclareDead()).toBe(true);
  expect(renewals.lastIndexOf('failed')).toBeLessThan(renewals.lastIndexOf('renewed'));
});

test('a node that was declared dead learns it with the next renewal', async () => {
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
