import { describe, expect, test } from 'vitest';
import type { LaneSign } from '../../core/outcome.ts';
import { createHealth, type Health } from './circuit-breaker.ts';

const SECOND = 1_000;

function noteAll(health: Health, signs: readonly LaneSign[], now = 0): (string | undefined)[] {
  return signs.map(sign => health.note(sign, now));
}

function openBreaker(): Health {
  const health = createHealth();
  noteAll(health, Array(5).fill('trouble'));
  return health;
}

describe('the breaker of a provider', () => {
  test('opens after five signs of trouble in a row, and not before', () => {
    const health = createHealth();
    expect(noteAll(health, Array(4).fill('trouble'))).toEqual(Array(4).fill(undefined));
    expect(health.allowance(0, 0)).toBe(Number.POSITIVE_INFINITY);
    expect(health.note('trouble', 0)).toBe('opened');
    expect(health.allowance(0, 0)).toBe(0);
  });

  test('opens when half of the last twenty were trouble', () => {
    const signs = Array.from({ length: 21 }, (_, i): LaneSign => (i % 2 === 0 ? 'trouble' : 'good'));
    expect(noteAll(createHealth(), signs)).toContain('opened');
  });

  test('opens at once for bad credentials', () => {
    expect(createHealth().note('bad-credentials', 0)).toBe('opened');
  });

  test('is not moved by what says nothing of the provider', () => {
    expect(noteAll(createHealth(), Array(50).fill('none'))).toEqual(Array(50).fill(undefined));
  });

  test('lets one probe through after 30 s, and closes with its success', () => {
    const health = openBreaker();
    expect(health.allowance(29 * SECOND, 0)).toBe(0);
    expect(health.allowance(30 * SECOND, 0)).toBe(1);
    expect(health.allowance(30 * SECOND, 1)).toBe(0);
    expect(health.note('good', 31 * SECOND)).toBe('closed');
  });

  test('doubles its time with every failed probe, to 15 min', () => {
    const health = openBreaker();
    let now = 0;
    const spans: number[] = [];
    for (let i = 0; i < 8; i++) {
      const until = health.openUntil ?? 0;
      spans.push((until - now) / SECOND);
      now = until;
      health.note('trouble', now);
    }
    expect(spans).toEqual([30, 60, 120, 240, 480, 900, 900, 900]);
  });

  test('then lets one more through per success', () => {
    const health = openBreaker();
    health.note('good', 31 * SECOND);
    expect(health.allowance(31 * SECOND, 0)).toBe(2);
    health.note('good', 32 * SECOND);
    expect(health.allowance(32 * SECOND, 1)).toBe(2);
  });

  test('probes with one attempt when another node has trouble, and says nothing when all is well', () => {
    const health = createHealth();
    health.hear('opened', 5);
    expect([health.allowance(5, 0), health.allowance(5, 1)]).toEqual([1, 0]);
    expect(health.note('good', 6)).toBeUndefined();
    expect(health.openUntil).toBeUndefined();
    expect(health.allowance(6, 0)).toBe(2);
  });

  test('opens with the first trouble of its own after that', () => {
    const health = createHealth();
    health.hear('opened', 5);
    expect(health.note('trouble', 6)).toBe('opened');
    expect(health.openUntil).toBe(6 + 30 * SECOND);
  });

  test('is open no longer for what others say, and is probed at once when theirs closed', () => {
    const health = openBreaker();
    health.hear('opened', 10 * SECOND);
    expect(health.openUntil).toBe(30 * SECOND);
    health.hear('closed', 10 * SECOND);
    expect(health.allowance(10 * SECOND, 0)).toBe(1);
    expect(health.note('good', 11 * SECOND)).toBe('closed');
    health.hear('closed', 12 * SECOND);
    expect(health.openUntil).toBeUndefined();
  });

  test('ignores late successes of attempts that began before it opened', () => {
    const health = openBreaker();
    expect(health.note('good', 1 * SECOND)).toBeUndefined();
    expect(health.allowance(2 * SECOND, 0)).toBe(0);
  });
});
