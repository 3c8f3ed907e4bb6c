/** All durations of a round, so that percentiles are exact. */
export interface Latencies {
  add(ms: number): void;
  /** The smallest duration that is at least as long as this share (0 to 1) of all durations; 0 without durations. */
  percentile(share: number): number;
}

/** Creates a record for at most `capacity` durations. */
export function createLatencies(capacity: number): Latencies {
  const values = new Float64Array(capacity);
  let count = 0;
  let isSorted = true;
  return {
    add(ms) {
      if (count === capacity) throw new Error(`The record is full: it has ${capacity} durations.`);
      values[count++] = ms;
      isSorted = false;
    },
    percentile(share) {
      const known = values.subarray(0, count);
      if (!isSorted) known.sort();
      isSorted = true;
      // Nearest rank: of 200 durations the 198th is p99.
      return known[Math.max(0, Math.ceil(share * count) - 1)] ?? 0;
    },
  };
}
