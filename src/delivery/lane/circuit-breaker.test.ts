import { describe, expect, test } from 'vitest';
import type { HealthSignal } from '../../core/outcome.ts';
import { CircuitBreaker } from './circuit-breaker.ts';

const SECOND = 1_000;

function noteAll(breaker: CircuitBreaker, signs: readonly HealthSignal[], now = 0): (string | undefined)[] {
  return signs.map(sign => breaker.note(sign, now));
}

function openBreaker(): CircuitBreaker {
  const breaker = new CircuitBreaker();
  noteAll(breaker, Array(5).fill('trouble'));
  return breaker;
}

describe('the breaker of a provider', () => {
  test('opens after five failures in a row, and not before', () => {
    const breaker = new CircuitBreaker();
    expect(noteAll(breaker, Array(4).fill('trouble'))).toEqual(Array(4).fill(undefined));
    expect(breaker.allowance(0, 0)).toBe(Number.POSITIVE_INFINITY);
    expect(breaker.note('trouble', 0)).toBe('opened');
    expect(breaker.allowance(0, 0)).toBe(0);
  });

  test('opens when half of the last twenty results are failures', () => {
    const signs = Array.from({ length: 21 }, (_, i): HealthSignal => (i % 2 === 0 ? 'trouble' : 'good'));
    expect(noteAll(new CircuitBreaker(), signs)).toContain('opened');
  });

  test('opens at once for bad credentials', () => {
    expect(new CircuitBreaker().note('bad-credentials', 0)).toBe('opened');
  });

  test('ignores results that show nothing about the provider', () => {
    expect(noteAll(new CircuitBreaker(), Array(50).fill('none'))).toEqual(Array(50).fill(undefined));
  });

  test('allows one test attempt after 30 s, and closes when it succeeds', () => {
    const breaker = openBreaker();
    expect(breaker.allowance(29 * SECOND, 0)).toBe(0);
    expect(breaker.allowance(30 * SECOND, 0)).toBe(1);
    expect(breaker.allowance(30 * SECOND, 1)).toBe(0);
    expect(breaker.note('good', 31 * SECOND)).toBe('closed');
  });

  test('stays open twice as long after each failed test, up to 15 min', () => {
    const breaker = openBreaker();
    let now = 0;
    const spans: number[] = [];
    for (let i = 0; i < 8; i++) {
      const until = breaker.openUntil ?? 0;
      spans.push((until - now) / SECOND);
      now = until;
      breaker.note('trouble', now);
    }
    expect(spans).toEqual([30, 60, 120, 240, 480, 900, 900, 900]);
  });

  test('allows one more attempt at a time for each success after it closed', () => {
    const breaker = openBreaker();
    breaker.note('good', 31 * SECOND);
    expect(breaker.allowance(31 * SECOND, 0)).toBe(2);
    breaker.note('good', 32 * SECOND);
    expect(breaker.allowance(32 * SECOND, 1)).toBe(2);
  });

  test('allows one attempt when another node opened its breaker, and does not report the success', () => {
    const breaker = new CircuitBreaker();
    breaker.noteOther('opened', 5);
    expect([breaker.allowance(5, 0), breaker.allowance(5, 1)]).toEqual([1, 0]);
    expect(breaker.note('good', 6)).toBeUndefined();
    expect(breaker.openUntil).toBeUndefined();
    expect(breaker.allowance(6, 0)).toBe(2);
  });

  test('opens at the first failure after another node opened its breaker', () => {
    const breaker = new CircuitBreaker();
    breaker.noteOther('opened', 5);
    expect(breaker.note('trouble', 6)).toBe('opened');
    expect(breaker.openUntil).toBe(6 + 30 * SECOND);
  });

  test('does not stay open longer for other nodes, and tests the provider when theirs closes', () => {
    const breaker = openBreaker();
    breaker.noteOther('opened', 10 * SECOND);
    expect(breaker.openUntil).toBe(30 * SECOND);
    breaker.noteOther('closed', 10 * SECOND);
    expect(breaker.allowance(10 * SECOND, 0)).toBe(1);
    expect(breaker.note('good', 11 * SECOND)).toBe('closed');
    breaker.noteOther('closed', 12 * SECOND);
    expect(breaker.openUntil).toBeUndefined();
  });

  test('ignores successes of attempts that began before it opened', () => {
    const breaker = openBreaker();
    expect(breaker.note('good', 1 * SECOND)).toBeUndefined();
    expect(breaker.allowance(2 * SECOND, 0)).toBe(0);
  });
});
