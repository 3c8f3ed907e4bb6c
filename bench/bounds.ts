import type { Figure, Spread, Summary } from './summary.ts';

/** What a median must keep to. */
export interface Bound {
  readonly name: BoundName;
  readonly value: number;
}

export type BoundName = 'cpu' | 'drained' | 'accept' | 'p50' | 'p99' | 'peak';

export interface Verdict {
  readonly isMet: boolean;
  /** A line for each bound. */
  readonly lines: readonly string[];
}

interface Measure {
  readonly figure: Figure;
  readonly isAtMost: boolean;
  readonly unit: string;
}

const MEASURES: Readonly<Record<BoundName, Measure>> = {
  cpu: { figure: 'cpuSecondsPer1000', isAtMost: true, unit: 'CPU seconds per 1,000' },
  drained: { figure: 'drainedPerSecond', isAtMost: false, unit: 'drained/s' },
  accept: { figure: 'acceptedPerSecond', isAtMost: false, unit: 'accepted/s' },
  p50: { figure: 'p50Ms', isAtMost: true, unit: 'ms p50' },
  p99: { figure: 'p99Ms', isAtMost: true, unit: 'ms p99' },
  peak: { figure: 'peakMegabytes', isAtMost: true, unit: 'MB peak' },
};

/** Reads `cpu=0.40,drained=3000`; '' is no bound. */
export function parseBounds(text: string): readonly Bound[] {
  return text === '' ? [] : text.split(',').map(parseBound);
}

/**
 * Holds the medians against the bounds. What other programs on the machine disturb, rates and latencies above all, is
 * then not held against the gate as long as it keeps to its bound of CPU time.
 */
export function judge(bounds: readonly Bound[], medians: Summary, isDisturbed: boolean): Verdict {
  const met = bounds.map(bound => isKept(bound, medians[MEASURES[bound.name].figure]));
  const isCpuKept = bounds.some((bound, i) => bound.name === 'cpu' && met[i]);
  const decides = (bound: Bound) => bound.name === 'cpu' || !isDisturbed || !isCpuKept;
  return {
    isMet: bounds.every((bound, i) => met[i] || !decides(bound)),
    lines: bounds.map((bound, i) => {
      const words = met[i] ? 'met' : decides(bound) ? 'MISSED' : 'missed, but the machine was disturbed';
      return `${words}: ${describe(bound, medians[MEASURES[bound.name].figure])}`;
    }),
  };
}

function parseBound(text: string): Bound {
  const [name = '', digits = ''] = text.split('=');
  const value = Number(digits);
  if (!isBoundName(name) || digits === '' || !(value > 0)) {
    throw new Error(`--require: ${text} is not NAME=NUMBER, with one of ${Object.keys(MEASURES).join(', ')}`);
  }
  return { name, value };
}

function isBoundName(name: string): name is BoundName {
  return Object.hasOwn(MEASURES, name);
}

function isKept({ name, value }: Bound, { median }: Spread): boolean {
  return MEASURES[name].isAtMost ? median <= value : median >= value;
}

function describe({ name, value }: Bound, { median }: Spread): string {
  const { isAtMost, unit } = MEASURES[name];
  return `${Number(median.toPrecision(4))} ${unit}, ${isAtMost ? 'at most' : 'at least'} ${value}`;
}
