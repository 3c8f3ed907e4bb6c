import { invalidField } from '../../core/errors.ts';
import type { Counts, FigureQuery, Overview } from '../../operations/report-operations.ts';
import { type FigureFilter, type ReportStep, STEP_MS, type Traffic } from '../../store/reports.ts';
import { msOfSlot } from '../../store/statistics.ts';

const MAX_RANGE_MS = 91 * STEP_MS.day;
const MAX_MINUTE_STEPS_MS = 6 * STEP_MS.hour;
const MAX_HOUR_STEPS_MS = 14 * STEP_MS.day;

/** The requested range, extended to whole steps. A longer range has longer steps. */
export function rangeOf(query: FigureQuery, now: number): FigureFilter & { readonly step: ReportStep } {
  const { from: since, to: until = now, ...filter } = query;
  const start = since ?? until - STEP_MS.day;
  if (start >= until) throw invalidField('from', 'must be before `to`');
  if (until - start > MAX_RANGE_MS) throw invalidField('from', 'must be at most 91 days before `to`');
  const step = stepOf(until - start, query.domain !== undefined);
  const size = STEP_MS[step];
  return { ...filter, step, from: Math.floor(start / size) * size, to: Math.ceil(until / size) * size };
}

/** Statistics of a domain have no minutes. */
function stepOf(ms: number, hasDomain: boolean): ReportStep {
  if (ms <= MAX_MINUTE_STEPS_MS && !hasDomain) return 'minute';
  return ms <= MAX_HOUR_STEPS_MS ? 'hour' : 'day';
}

/** The statistics of a range, with one bucket for each step. */
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
