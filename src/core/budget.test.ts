import { describe, expect, test } from 'vitest';
import { calendarBudget, rollingBudget } from './budget.ts';

describe('rollingBudget', () => {
  test('counts a second in ten buckets and a day in hours', () => {
    const now = Date.UTC(2026, 10, 21, 8, 30, 0, 250);
    const second = rollingBudget('provider:1', 'second', 50, now);
    expect(second).toEqual({
      counter: 'provider:1 second',
      bucket: now / 100 - 0.5,
      oldest: now / 100 - 9.5,
      bucketMs: 100,
      expiresAt: now + 950,
      max: 50,
    });
    const day = rollingBudget('provider:1', 'day', 1, now);
    expect([day.bucket - day.oldest, day.expiresAt]).toEqual([23, Date.UTC(2026, 10, 22, 8)]);
  });
});

describe('calendarBudget', () => {
  test('ends with the day in UTC', () => {
    const before = calendarBudget('quota', 'day', 3, Date.UTC(2026, 11, 31, 23, 59, 59, 999));
    const after = calendarBudget('quota', 'day', 3, Date.UTC(2027, 0, 1));
    expect(before.expiresAt).toBe(after.bucket);
    expect(after.oldest).toBe(after.bucket);
  });

  test('ends with the month in UTC', () => {
    const { bucket, expiresAt } = calendarBudget('quota', 'month', 3, Date.UTC(2028, 1, 29, 12));
    expect([bucket, expiresAt]).toEqual([Date.UTC(2028, 1), Date.UTC(2028, 2)]);
  });
});
