import { expect, test } from 'vitest';
import { createLatencies } from './latencies.ts';

test('percentiles are exact, by nearest rank', () => {
  const latencies = createLatencies(200);
  for (let ms = 200; ms >= 1; ms--) latencies.add(ms);
  expect([0, 0.5, 0.99, 1].map(latencies.percentile)).toEqual([1, 100, 198, 200]);
});

test('a duration that comes after a percentile was read counts in the next', () => {
  const latencies = createLatencies(2);
  latencies.add(7);
  expect(latencies.percentile(1)).toBe(7);
  latencies.add(3);
  expect([0.5, 1].map(latencies.percentile)).toEqual([3, 7]);
});

test('there are no percentiles of nothing, and no more durations than there is room for', () => {
  const latencies = createLatencies(0);
  expect(latencies.percentile(0.5)).toBe(0);
  expect(() => latencies.add(1)).toThrow('room for 0');
});
