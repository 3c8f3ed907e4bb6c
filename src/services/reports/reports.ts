import { setTimeout as delay } from 'node:timers/promises';
import { rollingBudget } from '../../core/budget.ts';
import type { Provider } from '../../core/provider.ts';
import type { LaneHealth } from '../../delivery/lane/lane-health.ts';
import { limitsOf } from '../../delivery/lane/provider-quota.ts';
import type { Handlers } from '../../operations/operations.ts';
import type { FigureQuery, Overview, ProviderHealth } from '../../operations/report-operations.ts';
import { NO_LANE, type Store } from '../../store/store.ts';
import { rangeOf, summarise } from './report-figures.ts';

export interface ReportsContext {
  readonly store: Pick<Store, 'reports' | 'queue' | 'limits' | 'registry' | 'audit'>;
  /** The state of each lane. */
  readonly health: () => readonly LaneHealth[];
  /** Epoch ms. */
  readonly now: () => number;
}

export type ReportHandlers = Pick<Handlers, 'overview' | 'overviewStream' | 'bounceReport' | 'audit'>;

/** A stream reads the overview every LOOK_MS, sends an empty item after SILENCE_MS without change, and ends after STREAM_MS. */
const LOOK_MS = 2_000;
const SILENCE_MS = 15_000;
const STREAM_MS = 5 * 60_000;

/** Handlers for statistics, provider health and the audit log. */
export function createReportHandlers(context: ReportsContext): ReportHandlers {
  const { store, now } = context;
  return {
    overview: (_principal, query) => overviewOf(context, query),
    overviewStream: async (_principal, query, signal) => follow(context, query, signal),
    audit: (_principal, request) => store.audit.list(request),
    async bounceReport(_principal, { by, limit, ...query }) {
      const { step: _, ...range } = rangeOf(query, now());
      const found = await store.reports.refusals({ ...range, limit, ...(by !== undefined && { by }) });
      return { from: range.from, to: range.to, ...(by !== undefined && { by }), ...found };
    },
  };
}

async function overviewOf(context: ReportsContext, query: FigureQuery): Promise<Overview> {
  const range = rangeOf(query, context.now());
  const [rows, depth, providers] = await Promise.all([
    context.store.reports.traffic(range),
    context.store.queue.depth(),
    healthOf(context),
  ]);
  const queue = depth.map(({ lane, waiting, oldestDueAt }) => ({
    ...{ provider: lane === NO_LANE ? null : lane, waiting },
    ...(oldestDueAt !== undefined && oldestDueAt <= context.now() && { oldestDueAt }),
  }));
  return { ...summarise(rows, range), queue, providers };
}

async function* follow(
  context: ReportsContext,
  query: FigureQuery,
  signal: AbortSignal,
): AsyncGenerator<Overview | undefined> {
  const end = context.now() + STREAM_MS;
  let last = '';
  let sentAt = 0;
  while (!signal.aborted && context.now() < end) {
    const overview = await overviewOf(context, query);
    const text = JSON.stringify(overview);
    const isChanged = text !== last;
    if (isChanged || context.now() - sentAt >= SILENCE_MS) {
      yield isChanged ? overview : undefined;
      last = text;
      sentAt = context.now();
    }
    await delay(LOOK_MS, undefined, { signal }).catch(() => {});
  }
}

async function healthOf({ store, health, now }: ReportsContext): Promise<readonly ProviderHealth[]> {
  const lanes = new Map(health().map(lane => [lane.provider, lane]));
  const providers = await store.registry.list('provider');
  return Promise.all(
    providers.map(async provider => {
      const { id, caption, kind, isEnabled, isPaused = false } = provider;
      const lane = lanes.get(id);
      return {
        ...{ id, caption, kind, isEnabled, isPaused },
        ...laneHealth(provider, lane, now()),
        active: lane?.active ?? 0,
        limits: await limitsLeft(store, provider, now()),
      };
    }),
  );
}

function laneHealth(
  { isEnabled, isPaused }: Provider,
  lane: LaneHealth | undefined,
  now: number,
): Pick<ProviderHealth, 'health' | 'openUntil'> {
  if (!isEnabled) return { health: 'disabled' };
  if (isPaused) return { health: 'paused' };
  const openUntil = lane?.openUntil;
  if (openUntil === undefined) return { health: 'up' };
  return openUntil > now ? { health: 'open', openUntil } : { health: 'probing' };
}

function limitsLeft(
  { limits }: Pick<Store, 'limits'>,
  { id, limits: providerLimits }: Provider,
  now: number,
): Promise<ProviderHealth['limits']> {
  return Promise.all(
    limitsOf(providerLimits).map(async ([window, max]) => {
      const budgets = [rollingBudget(`provider:${id}`, window, max, now)];
      return { window, max, left: await limits.left({ budgets, now }) };
    }),
  );
}
