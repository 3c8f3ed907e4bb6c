import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createIds, firstIdAt, idFromBigInt, idToBigInt, isMessageId, msOfId } from './id.ts';

const NOW = Date.UTC(2026, 10, 21, 12, 0, 0, 123);

describe('message ids', () => {
  test('are unique and in order, also when the clock stops or goes back', () => {
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

  test('have 42 bits of ms, 8 bits of node and 13 bits of sequence', () => {
    const value = idToBigInt(createIds(255, () => NOW)());
    expect(value >> 21n).toBe(BigInt(NOW));
    expect((value >> 13n) & 255n).toBe(255n);
    expect(value & 8191n).toBe(0n);
  });

  test('survive the conversion to an integer and back, and keep their order', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, (1n << 63n) - 1n), fc.bigInt(0n, (1n << 63n) - 1n), (a, b) => {
        expect(idToBigInt(idFromBigInt(a))).toBe(a);
        expect(isMessageId(idFromBigInt(a))).toBe(true);
        expect(idFromBigInt(a) < idFromBigInt(b)).toBe(a < b);
      }),
    );
  });

  test('contain the time when they were created', () => {
    expect(msOfId(createIds(9, () => NOW)())).toBe(NOW);
    expect(msOfId(firstIdAt(NOW))).toBe(NOW);
  });

  test.each(['', '0', '0000000000000i', '8000000000000', '000000000000l', '0000000000000 '])(
    'do not include %j',
    text => {
      expect(isMessageId(text)).toBe(false);
    },
  );
});
