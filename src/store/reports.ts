import type { EventType } from '../core/event.ts';
import type { AccountId, ProviderId } from '../core/message.ts';

/** What happens to recipients, and is counted. */
export type CountedType = Exclude<EventType, 'retried' | 'alert' | 'direct'>;

/** The stretches of time in which is counted. For a domain they are an hour at least. */
export type ReportStep = 'minute' | 'hour' | 'day';

export const STEP_MS: Readonly<Record<ReportStep, number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

/** How long figures are kept, in ms from the start of their stretch. */
export const KEPT_MS: Readonly<Record<ReportStep, number>> = {
  minute: 2 * STEP_MS.day,
  hour: 40 * STEP_MS.day,
  day: 400 * STEP_MS.day,
};

/** The same for those of single domains, and for refusals. */
export const DETAIL_KEPT_MS = 100 * STEP_MS.day;

/** Which figures are wanted. All given conditions hold. */
export interface FigureFilter {
  /** Epoch ms: from ≤ t < to. */
  readonly from: number;
  readonly to: number;
  readonly account?: AccountId;
  readonly provider?: ProviderId;
  /** Of the recipients. */
  readonly domain?: string;
}

/** How many recipients something happened to in one stretch of time. */
export interface Traffic {
  /** Epoch ms: the start of the stretch, a multiple of it. */
  readonly at: number;
  readonly type: CountedType;
  /** For `delivered`: how long they took from when they were first due, as a slot (tally.ts); else −1. */
  readonly slot: number;
  readonly amount: number;
}

/** By what the rows of a report of refusals are told apart; absent: by all three. */
export type RefusalsBy = 'code' | 'domain' | 'provider';

/** Recipients that ended bounced or failed for one reason; what the rows are not told apart by is absent. */
export interface Refusals {
  /** Null: there was no reply, it was we who gave up. */
  readonly code?: number | null;
  readonly enhanced?: string | null;
  readonly domain?: string;
  /** Null: none was tried. */
  readonly provider?: ProviderId | null;
  readonly amount: number;
  /** Epoch ms of the newest, and what was said then. */
  readonly lastAt: number;
  readonly lastReason: string;
}

/** Figures that are kept per stretch of time, so that looking at them costs the same however much mail there was. */
export interface Reports {
  /** In no order. */
  traffic(filter: FigureFilter & { readonly step: ReportStep }): Promise<readonly Traffic[]>;
  /** Most first; `total` counts also those beyond the limit. */
  refusals(
    filter: FigureFilter & { readonly by?: RefusalsBy; readonly limit: number },
  ): Promise<{ readonly rows: readonly Refusals[]; readonly total: number }>;
}
