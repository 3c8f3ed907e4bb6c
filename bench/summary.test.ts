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

test('the median is the middle value, or the mean of the two middle values', () => {
  expect(summarise([9, 100, 10].map(round)).acceptedPerSecond).toEqual({ median: 10, min: 9, max: 100 });
  expect(summarise([1, 2, 4, 30].map(round)).cpuSecondsPer1000).toEqual({ median: -3, min: -30, max: -1 });
});

test('a summary needs a round', () => {
  expect(() => summarise([])).toThrow('no round');
});
