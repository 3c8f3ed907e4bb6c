/** A limit of `max` within a period that is divided into buckets. The store keeps the counters. */
export interface Budget {
  /** The counter's name, such as `account:1 hour`. */
  readonly counter: string;
  /** The current bucket, and the oldest bucket of the period. */
  readonly bucket: number;
  readonly oldest: number;
  /** Length of a bucket in ms. 0: there is one bucket, which ends at `expiresAt`. */
  readonly bucketMs: number;
  /** Epoch ms at which the current bucket leaves the period. */
  readonly expiresAt: number;
  readonly max: number;
}

/** The periods of rolling limits. A period moves on by one bucket at a time. */
const WINDOWS = {
  second: { bucketMs: 100, buckets: 10 },
  minute: { bucketMs: 1_000, buckets: 60 },
  hour: { bucketMs: 60_000, buckets: 60 },
  day: { bucketMs: 3_600_000, buckets: 24 },
} as const;

export type WindowName = keyof typeof WINDOWS;

/** Allows at most `max` in any second, minute, hour or day, with the precision of a bucket. */
export function rollingBudget(owner: string, window: WindowName, max: number, now: number): Budget {
  const { bucketMs, buckets } = WINDOWS[window];
  const bucket = Math.floor(now / bucketMs);
  const oldest = bucket - buckets + 1;
  return {
    counter: `${owner} ${window}`,
    bucket,
    oldest,
    bucketMs,
    expiresAt: (bucket + buckets) * bucketMs,
    max,
  };
}

/** Allows at most `max` in a calendar day or month, in UTC. */
export function calendarBudget(owner: string, period: 'day' | 'month', max: number, now: number): Budget {
  const date = new Date(now);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth();
  const day = date.getUTCDate();
  const isDay = period === 'day';
  const bucket = isDay ? Date.UTC(year, month, day) : Date.UTC(year, month);
  const expiresAt = isDay ? Date.UTC(year, month, day + 1) : Date.UTC(year, month + 1);
  return { counter: `${owner} calendar ${period}`, bucket, oldest: bucket, bucketMs: 0, expiresAt, max };
}

/** Returns the period of a budget as a word, such as `minute` or `day`. */
export function periodOf({ counter }: Budget): string {
  return counter.slice(counter.lastIndexOf(' ') + 1);
}
