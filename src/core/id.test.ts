import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createIds, firstIdAt, idFromBigInt, idToBigInt, isMessageId, msOfId } from './id.ts';

const NOW = Date.UTC(2026, 10, 21, 12, 0, 0, 123);

describe('message ids', () => {
  test('are unique and in order, also when the clock stands still or steps back', () => {
    let clock = NOW;
    const next = createIds(3, () => clock);
    const ids = Array.from({ length: 20_000 }, (_, i) => {
      if (i === 10_000) clock -= 5_000;
      return next();
    });
    expect(new Set(ids).size).toBe(20_000);
    expect([...ids].sort()).toEqual(ids);
  });

  test('of two nodes at the same moment differ', () => {
    expect(createIds(1, () => NOW)()).not.toBe(createIds(2, () => NOW)());
  });

  test('carry ms, node and sequence in 42, 8 and 13 bits', () => {
    const value = idToBigInt(createIds(255, () => NOW)());
    expect(value >> 21n).toBe(BigInt(NOW));
    expect((value >> 13n) & 255n).toBe(255n);
    expect(value & 8191n).toBe(0n);
  });

  test('survive the way to an integer and back, and keep its order', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, (1n << 63n) - 1n), fc.bigInt(0n, (1n << 63n) - 1n), (a, b) => {
        expect(idToBigInt(idFromBigInt(a))).toBe(a);
        expect(isMessageId(idFromBigInt(a))).toBe(true);
        expect(idFromBigInt(a) < idFromBigInt(b)).toBe(a < b);
      }),
    );
  });

  test('tell when they were made', () => {
    expect(msOfId(createIds(9, () => NOW)())).toBe(NOW);
    expect(msOfId(firstIdAt(NOW))).toBe(NOW);
  });

  test.each(['', '0', '0000000000000i', '8000000000000', '000000000000l', '0000000000000 '])(
    '%j is none',
    text => {
      expect(isMessageId(text)).toBe(false);
    },
  );
});
