import { invalidField } from '../../core/errors.ts';
import type { Counts, FigureQuery, Overview } from '../../operations/report-operations.ts';
import { type FigureFilter, type ReportStep, STEP_MS, type Traffic } from '../../store/reports.ts';
import { msOfSlot } from '../../store/statistics.ts';

const MOST_MS = 91 * STEP_MS.day;
const MINUTES_UP_TO_MS = 6 * STEP_MS.hour;
const HOURS_UP_TO_MS = 14 * STEP_MS.day;

/** The range that is asked for, in whole steps of the size that suits it. */
export function rangeOf(query: FigureQuery, now: number): FigureFilter & { readonly step: ReportStep } {
  const { from: since, to: until = now, ...same } = query;
  const start = since ?? until - STEP_MS.day;
  if (start >= until) throw invalidField('from', 'must be before `to`');
  if (until - start > MOST_MS) throw invalidField('from', 'must be at most 91 days before `to`');
  const step = stepOf(until - start, query.domain !== undefined);
  const size = STEP_MS[step];
  return { ...same, step, from: Math.floor(start / size) * size, to: Math.ceil(until / size) * size };
}

function stepOf(ms: number, isOfDomain: boolean): ReportStep {
  if (ms <= MINUTES_UP_TO_MS && !isOfDomain) return 'minute';
  return ms <= HOURS_UP_TO_MS ? 'hour' : 'day';
}

/** The figures of a range as a row for every step of it. */
export function summarise(
  rows: readonly Traffic[],
  { from, to, step }: { readonly from: number; readonly to: number; readonly step: ReportStep },
): Pick<Overview, 'from' | 'to' | 'stepMs' | 'buckets' | 'totals' | 'timeToDelivery'> {
  const stepMs = STEP_MS[step];
  const buckets = Array.from({ length: (to - from) / stepMs }, (_, i) => ({
    at: from + i * stepMs,
    ...noCounts(),
  }));
  const totals = noCounts();
  for (const { at, type, amount } of rows) {
    totals[type] += amount;
    const bucket = buckets[(at - from) / stepMs];
    if (bucket !== undefined) bucket[type] += amount;
  }
  return { from, to, stepMs, buckets, totals, timeToDelivery: timesOf(rows) };
}

function noCounts(): { -readonly [K in keyof Counts]: number } {
  return {
    ...{ accepted: 0, delivered: 0, deferred: 0, bounced: 0 },
    ...{ failed: 0, expired: 0, cancelled: 0, unknown: 0 },
  };
}

function timesOf(rows: readonly Traffic[]): Overview['timeToDelivery'] {
  const timed = rows.filter(row => row.slot >= 0).toSorted((a, b) => a.slot - b.slot);
  const count = timed.reduce((sum, row) => sum + row.amount, 0);
  const percentile = (share: number): number | null => {
    let seen = 0;
    for (const { slot, amount } of timed) {
      seen += amount;
      if (seen >= share * count) return msOfSlot(slot);
    }
    return null;
  };
  return { p50Ms: percentile(0.5), p99Ms: percentile(0.99), count };
}
