import { expect, test } from 'vitest';
import { sharedClockMs } from '../clock.ts';
import { createArrivals } from './arrivals.ts';

test('collecting waits for what is missing, and counts copies and strangers', async () => {
  const arrivals = createArrivals(10);
  for (const id of [4, 5, 5, undefined, 10]) arrivals.note(id);
  const collected = arrivals.collect({ first: 4, count: 3, patienceMs: 10_000 });
  const before = sharedClockMs();
  arrivals.note(6);
  arrivals.note(1);
  const { copies, strangers, lastAt } = await collected;
  expect([...copies]).toEqual([1, 2, 1]);
  expect(strangers).toBe(2);
  expect(lastAt).toBeGreaterThanOrEqual(before);
});

test('a second copy does not make a message arrive later', async () => {
  const arrivals = createArrivals(1);
  arrivals.note(0);
  const before = sharedClockMs();
  arrivals.note(0);
  const { lastAt } = await arrivals.collect({ first: 0, count: 1, patienceMs: 0 });
  expect(lastAt).toBeLessThanOrEqual(before);
});

test('patience ends when nothing comes', async () => {
  const { copies, lastAt } = await createArrivals(2).collect({ first: 0, count: 2, patienceMs: 1 });
  expect([...copies]).toEqual([0, 0]);
  expect(lastAt).toBe(0);
});
