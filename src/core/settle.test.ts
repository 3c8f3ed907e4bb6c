import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Outcome } from './outcome.ts';
import { nextDelayMs } from './retry-schedule.ts';
import { type SettleInput, settle, settleExpired } from './settle.ts';

const MINUTE = 60_000;
const base: SettleInput = {
  now: 1_000_000,
  expiresAt: 1_000_000 + 72 * 60 * MINUTE,
  wasUnknown: false,
  attempts: 1,
  random: 0.5,
  policy: { unknown: 'retry', unknownRetryMs: 10 * MINUTE },
};
const later: Outcome = { kind: 'retry', where: 'later' };
const unknown: Outcome = { kind: 'unknown', error: 'lost' };

describe('settle', () => {
  test('ends a recipient that was delivered or refused', () => {
    expect(settle({ kind: 'delivered' }, base)).toEqual({ state: 'delivered' });
    expect(settle({ kind: 'reject', by: 'far-end', elsewhere: false }, base)).toEqual({ state: 'bounced' });
    expect(settle({ kind: 'reject', by: 'us', elsewhere: true }, base)).toEqual({ state: 'failed' });
  });

  test('defers by the retry schedule, but not past the expiry', () => {
    expect(settle(later, base)).toEqual({ state: 'deferred', dueAt: base.now + MINUTE });
    expect(settle(later, { ...base, expiresAt: base.now + 10 })).toEqual({
      state: 'deferred',
      dueAt: base.now + 10,
    });
    expect(settle(later, { ...base, expiresAt: base.now })).toEqual({ state: 'expired' });
  });

  test('keeps the state unknown for a message that an earlier attempt may have delivered', () => {
    expect(settle(later, { ...base, wasUnknown: true }).state).toBe('unknown');
    expect(settle(later, { ...base, wasUnknown: true, expiresAt: base.now })).toEqual({ state: 'unknown' });
    expect(settleExpired(true)).toEqual({ state: 'unknown' });
    expect(settleExpired(false)).toEqual({ state: 'expired' });
  });

  test('treats an unknown outcome by the policy', () => {
    expect(settle(unknown, base)).toEqual({ state: 'unknown', dueAt: base.now + 10 * MINUTE });
    const hold = { ...base, policy: { ...base.policy, unknown: 'hold' as const } };
    expect(settle(unknown, hold)).toEqual({ state: 'unknown', dueAt: base.expiresAt });
    const assume = { ...base, policy: { ...base.policy, unknown: 'assumeDelivered' as const } };
    expect(settle(unknown, assume)).toEqual({ state: 'delivered' });
    expect(settle(unknown, { ...base, expiresAt: base.now })).toEqual({ state: 'unknown' });
  });
});

describe('the retry schedule', () => {
  test('is 1, 5, 15, 30 min, 1, 2, 4 h, then every 4 h', () => {
    const minutes = Array.from({ length: 9 }, (_, i) => nextDelayMs(i + 1, 0.5) / MINUTE);
    expect(minutes).toEqual([1, 5, 15, 30, 60, 120, 240, 240, 240]);
  });

  test('varies each delay by up to a fifth', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempts, random) => {
          const middle = nextDelayMs(attempts, 0.5);
          expect(Math.abs(nextDelayMs(attempts, random) - middle)).toBeLessThanOrEqual(middle * 0.2 + 1);
        },
      ),
    );
  });
});
