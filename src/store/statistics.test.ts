import fc from 'fast-check';
import { expect, test } from 'vitest';
import { msOfSlot, slotOf, tallyTraffic } from './statistics.ts';

test('the middle of a slot is within a tenth of every time in it that is not tiny', () => {
  fc.assert(
    fc.property(fc.integer({ min: 30, max: 1e9 }), ms => {
      expect(Math.abs(msOfSlot(slotOf(ms)) / ms - 1)).toBeLessThan(0.1);
    }),
  );
});

test('slots follow the order of times', () => {
  fc.assert(
    fc.property(fc.nat(1e9), fc.nat(1e9), (a, b) => {
      expect(slotOf(Math.min(a, b))).toBeLessThanOrEqual(slotOf(Math.max(a, b)));
    }),
  );
});

test('many facts of one kind are one change of each figure', () => {
  const fact = { at: 3_700_000, type: 'delivered', account: 1, provider: 2, domain: 'x.test' } as const;
  const changes = tallyTraffic([
    { ...fact, tookMs: 1_000 },
    { ...fact, tookMs: 1_010 },
  ]);
  expect(changes.map(({ step, at, domain, slot, amount }) => [step, at, domain, slot, amount])).toEqual([
    ['minute', 3_660_000, '', 39, 2],
    ['hour', 3_600_000, '', 39, 2],
    ['day', 0, '', 39, 2],
    ['hour', 3_600_000, 'x.test', 36, 2],
  ]);
});
