import { expect, test } from 'vitest';
import { sharedClockMs } from '../clock.ts';
import { createArrivals } from './arrivals.ts';

test('collect waits for missing messages, and counts copies and unexpected messages', async () => {
  const arrivals = createArrivals(10);
  for (const id of [4, 5, 5, undefined, 10]) arrivals.note(id);
  const collected = arrivals.collect({ first: 4, count: 3, idleTimeoutMs: 10_000 });
  const before = sharedClockMs();
  arrivals.note(6);
  arrivals.note(1);
  const { copies, unexpected, lastAt } = await collected;
  expect([...copies]).toEqual([1, 2, 1]);
  expect(unexpected).toBe(2);
  expect(lastAt).toBeGreaterThanOrEqual(before);
});

test('a second copy does not change the arrival time of a message', async () => {
  const arrivals = createArrivals(1);
  arrivals.note(0);
  const before = sharedClockMs();
  arrivals.note(0);
  const { lastAt } = await arrivals.collect({ first: 0, count: 1, idleTimeoutMs: 0 });
  expect(lastAt).toBeLessThanOrEqual(before);
});

test('collect ends after the idle timeout', async () => {
  const { copies, lastAt } = await createArrivals(2).collect({ first: 0, count: 2, idleTimeoutMs: 1 });
  expect([...copies]).toEqual([0, 0]);
  expect(lastAt).toBe(0);
});
