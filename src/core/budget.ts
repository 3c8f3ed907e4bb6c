/** At most `max` within a stretch of time, counted in buckets of it. Who counts, and where, is the store's. */
export interface Budget {
  /** The counter's name, such as `account:1 hour`. */
  readonly counter: string;
  /** The bucket that is counted into now, and the oldest that still counts. */
  readonly bucket: number;
  readonly oldest: number;
  /** What one bucket is, in ms: tells when the oldest ends. 0: all buckets end at `expiresAt`. */
  readonly bucketMs: number;
  /** Epoch ms from which the bucket of now counts no more. */
  readonly expiresAt: number;
  readonly max: number;
}

/** The windows in which mail is limited: how long each is, and in how many buckets it rolls. */
const WINDOWS = {
  second: { bucketMs: 100, buckets: 10 },
  minute: { bucketMs: 1_000, buckets: 60 },
  hour: { bucketMs: 60_000, buckets: 60 },
  day: { bucketMs: 3_600_000, buckets: 24 },
} as const;

export type WindowName = keyof typeof WINDOWS;

/** At most `max` in any second, minute, hour or day, as far as buckets can tell. */
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

/** At most `max` in a calendar day or month of UTC. */
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

/** The stretch of time that a budget is for, as a word: `minute`, `day`. */
export function periodOf({ counter }: Budget): string {
  return counter.slice(counter.lastIndexOf(' ') + 1);
}
