import { expect, test } from 'vitest';
import { slowdownOf } from './reference.ts';

test('the slowdown is the mean time divided by the best one', () => {
  const times = [
    { wallMs: 100, cpuMs: 100 },
    { wallMs: 200, cpuMs: 110 },
  ];
  expect(slowdownOf(times, 100)).toBe(1.5);
});
