/** Every duration of a round, so that percentiles are exact. */
export interface Latencies {
  add(ms: number): void;
  /** The smallest duration that this share (0 to 1) of all does not exceed; 0 when there is none. */
  percentile(share: number): number;
}

/** Room for so many durations. */
export function createLatencies(capacity: number): Latencies {
  const values = new Float64Array(capacity);
  let count = 0;
  let isSorted = true;
  return {
    add(ms) {
      if (count === capacity) throw new Error(`There is room for ${capacity} durations only.`);
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
