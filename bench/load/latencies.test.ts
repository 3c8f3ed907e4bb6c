import { expect, test } from 'vitest';
import { createLatencies } from './latencies.ts';

test('percentiles are exact nearest-rank percentiles', () => {
  const latencies = createLatencies(200);
  for (let ms = 200; ms >= 1; ms--) latencies.add(ms);
  expect([0, 0.5, 0.99, 1].map(latencies.percentile)).toEqual([1, 100, 198, 200]);
});

test('a duration that is added after a percentile was read counts in the next one', () => {
  const latencies = createLatencies(2);
  latencies.add(7);
  expect(latencies.percentile(1)).toBe(7);
  latencies.add(3);
  expect([0.5, 1].map(latencies.percentile)).toEqual([3, 7]);
});

test('a percentile without durations is 0, and a full record accepts no duration', () => {
  const latencies = createLatencies(0);
  expect(latencies.percentile(0.5)).toBe(0);
  expect(() => latencies.add(1)).toThrow('has 0 durations');
});
