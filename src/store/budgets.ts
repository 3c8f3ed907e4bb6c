import type { Budget } from '../core/budget.ts';

/** What was drawn in one bucket of a counter. */
export interface Bucket {
  readonly bucket: number;
  readonly amount: number;
}

/** The last bucket that counts: what lies further ahead than the window is long was counted by a clock since set right. */
export function lastBucket({ bucket, oldest }: Budget): number {
  return bucket + (bucket - oldest);
}

/** What a budget of which `used` is gone gives to who cannot do with less than `least`. */
export function roomIn({ max }: Budget, used: number, least: number): number {
  const isUntouched = used === 0 && max > 0;
  return isUntouched ? Math.max(max, least) : Math.max(0, max - used);
}

/**
 * Epoch ms when `wanted` is there, or the whole budget if that is less, given all buckets that count, the oldest first,
 * and that nobody draws meanwhile.
 */
export function freeAt(budget: Budget, buckets: readonly Bucket[], wanted: number): number {
  const mayStay = Math.max(0, budget.max - wanted);
  let used = buckets.reduce((sum, { amount }) => sum + amount, 0);
  for (const { bucket, amount } of buckets) {
    used -= amount;
    if (used <= mayStay) return budget.expiresAt - (budget.bucket - bucket) * budget.bucketMs;
  }
  return budget.expiresAt;
}
