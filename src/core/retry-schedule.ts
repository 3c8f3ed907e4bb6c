const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DELAYS_MS = [
  MINUTE_MS,
  5 * MINUTE_MS,
  15 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  2 * HOUR_MS,
  4 * HOUR_MS,
];
const JITTER = 0.2;

/**
 * Returns the delay after the n-th attempt (from 1): 1, 5, 15, 30 minutes, 1, 2, 4 hours, then every 4 hours. `random`
 * (0 ≤ random < 1) changes it by up to ±20 %, so that messages that failed together are not retried together.
 */
export function nextDelayMs(attempts: number, random: number): number {
  const delay = DELAYS_MS[Math.min(attempts, DELAYS_MS.length) - 1] ?? MINUTE_MS;
  return Math.round(delay * (1 - JITTER + 2 * JITTER * random));
}
