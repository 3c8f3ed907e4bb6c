/** The figures that each round measures. */
export type Figure =
  | 'acceptedPerSecond'
  | 'p50Ms'
  | 'p99Ms'
  | 'drainedPerSecond'
  | 'cpuSecondsPer1000'
  | 'serverSecondsPer1000'
  | 'peakMegabytes'
  | 'loadMicroseconds'
  | 'sinkMicroseconds'
  | 'slowdown';

/** The figures of one round. */
export type Figures = Readonly<Record<Figure, number>>;

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export type Summary = Readonly<Record<Figure, Spread>>;

/** Median, minimum and maximum of each figure. There must be a round. */
export function summarise(rounds: readonly Figures[]): Summary {
  const [first] = rounds;
  if (first === undefined) throw new Error('There is no round to summarise.');
  const entries = Object.keys(first).map(figure => [
    figure,
    // The keys are those of a Record over all figures.
    spreadOf(rounds.map(round => round[figure as Figure])),
  ]);
  return Object.fromEntries(entries) as Summary;
}

/** Median, minimum and maximum; all 0 without values. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const [low = 0, high = 0] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
  return { median: (low + high) / 2, min: sorted[0] ?? 0, max: sorted.at(-1) ?? 0 };
}
