import type { WindowName } from '../core/budget.ts';
import type { AccountId, ProviderId } from '../core/message.ts';
import type { Page } from '../core/message-view.ts';
import type { Provider } from '../core/provider.ts';
import type { AuditEntry } from '../store/audit.ts';
import type { CountedType, FigureFilter, Refusals, RefusalsBy } from '../store/reports.ts';
import type { Operation } from './operation.ts';

/** Which figures are wanted; absent times: until now, and from a day before. */
export interface FigureQuery {
  /** Epoch ms. */
  readonly from?: number;
  readonly to?: number;
  readonly account?: AccountId;
  readonly provider?: ProviderId;
  /** Of the recipients. */
  readonly domain?: string;
}

export type Counts = Readonly<Record<CountedType, number>>;

/** A provider as it does now. */
export interface ProviderHealth extends Pick<Provider, 'id' | 'caption' | 'kind' | 'isEnabled'> {
  readonly isPaused: boolean;
  /** `open`: too much went wrong, nothing is sent for a while; `probing`: one attempt shall tell. */
  readonly health: 'up' | 'open' | 'probing' | 'disabled' | 'paused';
  /** Epoch ms; absent unless `open`. */
  readonly openUntil?: number;
  /** Attempts under way. */
  readonly active: number;
  /** What it takes in recipients, and how much of that is left now. */
  readonly limits: readonly { readonly window: WindowName; readonly max: number; readonly left: number }[];
}

/** How the gate does. */
export interface Overview {
  /** Epoch ms, whole steps. */
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
  /** All steps of the range, oldest first. */
  readonly buckets: readonly (Counts & { readonly at: number })[];
  readonly totals: Counts;
  /** Of `count` recipients; null when it is 0. */
  readonly timeToDelivery: {
    readonly p50Ms: number | null;
    readonly p99Ms: number | null;
    readonly count: number;
  };
  /** What waits where; provider null: nowhere, because none serves it. */
  readonly queue: readonly {
    readonly provider: ProviderId | null;
    readonly waiting: number;
    /** Epoch ms since when the longest due has been due; absent: none is. */
    readonly oldestDueAt?: number;
  }[];
  readonly providers: readonly ProviderHealth[];
}

/** Why mail was refused. */
export interface BounceReport extends Pick<FigureFilter, 'from' | 'to'> {
  readonly by?: RefusalsBy;
  /** Of all rows, also those that are not shown. */
  readonly total: number;
  readonly rows: readonly Refusals[];
}

/** How the gate does, and did. */
export interface ReportOperations {
  overview: Operation<FigureQuery, Overview, 'oversee'>;
  /** At once, then whenever it changed; undefined: it did not for a while. Ends by itself, to be asked for again. */
  overviewStream: Operation<Omit<FigureQuery, 'to'>, AsyncIterable<Overview | undefined>, 'oversee'>;
  audit: Operation<{ kind?: string; cursor?: string; limit: number }, Page<AuditEntry>, 'oversee'>;
  bounceReport: Operation<FigureQuery & { by?: RefusalsBy; limit: number }, BounceReport, 'oversee'>;
}
