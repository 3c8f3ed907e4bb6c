import { expect, test } from 'vitest';
import type { Figures } from './summary.ts';
import { summarise } from './summary.ts';

const round = (value: number): Figures => ({
  acceptedPerSecond: value,
  p50Ms: 1,
  p99Ms: 1,
  drainedPerSecond: 1,
  cpuSecondsPer1000: -value,
  serverSecondsPer1000: 0,
  peakMegabytes: 1,
  loadMicroseconds: 1,
  sinkMicroseconds: 1,
  slowdown: 1,
});

test('of an odd number of rounds the median is the middle one, of an even number between the two', () => {
  expect(summarise([9, 100, 10].map(round)).acceptedPerSecond).toEqual({ median: 10, min: 9, max: 100 });
  expect(summarise([1, 2, 4, 30].map(round)).cpuSecondsPer1000).toEqual({ median: -3, min: -30, max: -1 });
});

test('of no rounds there is no summary', () => {
  expect(() => summarise([])).toThrow('no round');
});
