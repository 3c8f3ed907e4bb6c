import type { EventType } from '../core/event.ts';
import type { AccountId, ProviderId } from '../core/message.ts';
import { type CountedType, type ReportStep, STEP_MS, type Traffic } from './reports.ts';

// How events become figures, the same in every engine.

/** Something that happened to one recipient. */
export interface Fact {
  /** Epoch ms. */
  readonly at: number;
  readonly type: CountedType;
  readonly account: AccountId;
  /** 0: none. */
  readonly provider: ProviderId;
  readonly domain: string;
  /** For `delivered`: from when it was first due. */
  readonly tookMs?: number;
  /** For `bounced` and `failed`: the reply and what was said; no code: there was none. */
  readonly code?: number;
  readonly enhanced?: string;
  readonly reason?: string;
}

/** An amount to be added to the figure of that key. */
export interface TrafficChange extends Traffic {
  readonly step: ReportStep;
  /** '' in the figures of all domains together; those of one are by the hour. */
  readonly domain: string;
  readonly account: AccountId;
  readonly provider: ProviderId;
}

/** The same for refusals, which are kept by the hour. */
export interface RefusalChange {
  readonly at: number;
  readonly account: AccountId;
  readonly provider: ProviderId;
  readonly domain: string;
  /** 0: there was no reply. */
  readonly code: number;
  /** '' where there was none. */
  readonly enhanced: string;
  readonly amount: number;
  readonly lastAt: number;
  readonly lastReason: string;
}

const SLOTS_PER_DOUBLING = 4;
const MAX_REASON = 200;
const IS_COUNTED: Readonly<Record<EventType, boolean>> = {
  accepted: true,
  deferred: true,
  delivered: true,
  bounced: true,
  failed: true,
  expired: true,
  cancelled: true,
  unknown: true,
  retried: false,
  alert: false,
  direct: false,
};

export function isCountedType(type: EventType): type is CountedType {
  return IS_COUNTED[type];
}

/** Times in slots of which four are a doubling: the middle of one is never off by more than a tenth. */
export function slotOf(ms: number): number {
  return ms <= 1 ? 0 : Math.floor(SLOTS_PER_DOUBLING * Math.log2(ms));
}

/** The middle of a slot, ms. */
export function msOfSlot(slot: number): number {
  return Math.round(2 ** ((slot + 0.5) / SLOTS_PER_DOUBLING));
}

/** What facts add to the figures: one change for each key, however many facts. */
export function tallyTraffic(facts: readonly Fact[]): readonly TrafficChange[] {
  const changes = new Map<string, TrafficChange>();
  const add = (step: ReportStep, domain: string, slot: number, fact: Fact): void => {
    const at = fact.at - (fact.at % STEP_MS[step]);
    const { type, account, provider } = fact;
    const key = [step, at, type, slot, account, provider, domain].join();
    const amount = (changes.get(key)?.amount ?? 0) + 1;
    changes.set(key, { step, at, domain, account, provider, type, slot, amount });
  };
  for (const fact of facts) {
    const slot = fact.tookMs === undefined ? -1 : slotOf(fact.tookMs);
    for (const step of ['minute', 'hour', 'day'] as const) add(step, '', slot, fact);
    // There are many domains: the slots of each are whole doublings.
    const coarse = slot < 0 ? slot : slot - (slot % SLOTS_PER_DOUBLING);
    add('hour', fact.domain, coarse, fact);
  }
  return [...changes.values()];
}

/** The same for what was refused. */
export function tallyRefusals(facts: readonly Fact[]): readonly RefusalChange[] {
  const changes = new Map<string, RefusalChange>();
  for (const fact of facts) {
    if (fact.type !== 'bounced' && fact.type !== 'failed') continue;
    const at = fact.at - (fact.at % STEP_MS.hour);
    const { account, provider, domain, code = 0, enhanced = '', reason = '' } = fact;
    const key = [at, account, provider, code, enhanced, domain].join();
    const amount = (changes.get(key)?.amount ?? 0) + 1;
    const last = { lastAt: fact.at, lastReason: reason.slice(0, MAX_REASON) };
    changes.set(key, { at, account, provider, domain, code, enhanced, amount, ...last });
  }
  return [...changes.values()];
}
