import type { Figure, Summary } from './summary.ts';

/** A limit for a median of the first cluster or, for `growth`, for the ratio of the other clusters to the first. */
export interface Bound {
  readonly name: BoundName;
  readonly value: number;
}

export type BoundName = 'cpu' | 'drained' | 'accept' | 'p50' | 'p99' | 'peak' | 'growth';

/** The measured values that bounds are compared with. */
export interface Measured {
  readonly medians: Summary;
  /** The highest ratio of CPU time of another cluster to that of the first; 1 when there is no other. */
  readonly growth: number;
}

export interface Verdict {
  readonly isMet: boolean;
  /** A line for each bound. */
  readonly lines: readonly string[];
}

interface Measure {
  readonly figure: Figure | 'growth';
  readonly isAtMost: boolean;
  /** True for CPU time, which other programs on the machine affect little. */
  readonly isCpu?: true;
  readonly unit: string;
}

const MEASURES: Readonly<Record<BoundName, Measure>> = {
  cpu: { figure: 'cpuSecondsPer1000', isAtMost: true, isCpu: true, unit: 'CPU seconds per 1,000' },
  drained: { figure: 'drainedPerSecond', isAtMost: false, unit: 'drained/s' },
  accept: { figure: 'acceptedPerSecond', isAtMost: false, unit: 'accepted/s' },
  p50: { figure: 'p50Ms', isAtMost: true, unit: 'ms p50' },
  p99: { figure: 'p99Ms', isAtMost: true, unit: 'ms p99' },
  peak: { figure: 'peakMegabytes', isAtMost: true, unit: 'MB peak' },
  growth: { figure: 'growth', isAtMost: true, isCpu: true, unit: 'times the CPU time of the first cluster' },
};

/** Parses `cpu=0.40,drained=3000`; '' means that there are no bounds. */
export function parseBounds(text: string): readonly Bound[] {
  return text === '' ? [] : text.split(',').map(parseBound);
}

/**
 * Compares the medians with the bounds. On a disturbed machine, missed rates and latencies do not count if the bound of
 * CPU time is met.
 */
export function judge(bounds: readonly Bound[], measured: Measured, isDisturbed: boolean): Verdict {
  const values = bounds.map(({ name }) => measuredOf(measured, MEASURES[name].figure));
  const met = bounds.map((bound, i) => isMet(bound, values[i] ?? Number.NaN));
  const isCpuMet = bounds.some((bound, i) => bound.name === 'cpu' && met[i]);
  const decides = ({ name }: Bound) => MEASURES[name].isCpu === true || !isDisturbed || !isCpuMet;
  return {
    isMet: bounds.every((bound, i) => met[i] || !decides(bound)),
    lines: bounds.map((bound, i) => {
      const result = met[i] ? 'met' : decides(bound) ? 'MISSED' : 'missed, but the machine was disturbed';
      return `${result}: ${describe(bound, values[i] ?? Number.NaN)}`;
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

function measuredOf({ medians, growth }: Measured, figure: Measure['figure']): number {
  return figure === 'growth' ? growth : medians[figure].median;
}

function isMet({ name, value }: Bound, measured: number): boolean {
  return MEASURES[name].isAtMost ? measured <= value : measured >= value;
}

function describe({ name, value }: Bound, measured: number): string {
  const { isAtMost, unit } = MEASURES[name];
  return `${Number(measured.toPrecision(4))} ${unit}, ${isAtMost ? 'at most' : 'at least'} ${value}`;
}
