import { type Budget, rollingBudget, type WindowName } from '../../core/budget.ts';
import { AppError } from '../../core/errors.ts';
import type { AttemptRecord } from '../../core/message-view.ts';
import type { Provider, ProviderLimits } from '../../core/provider.ts';
import type { Limits } from '../../store/limits.ts';

/** What a provider's limits let through: recipients, drawn ahead in small lots from counters that outlive restarts. */
export interface Quota {
  /** Recipients drawn and not used. */
  readonly inHand: number;
  /** Uses what is in hand; false, and nothing used, when that is not enough. */
  take(recipients: number): boolean;
  /** Brings at least so many in hand; else gives epoch ms when they may be had. */
  draw(recipients: number, now: number): Promise<number | undefined>;
  /** Epoch ms before which so many are not to be had, as far as is known. */
  heldUntil(recipients: number, now: number): number | undefined;
  /** Undoes `take` for recipients that no RCPT was sent for. */
  putBack(recipients: number): void;
  /** Gives what is in hand back to the counters; with `ifIdle` only when nothing was drawn for a second. */
  rest(options?: { readonly ifIdle: number }): Promise<void>;
}

interface Lot {
  readonly budgets: readonly Budget[];
  amount: number;
}

interface Denial {
  readonly recipients: number;
  readonly until: number;
}

const WINDOWS: Readonly<Record<keyof ProviderLimits, WindowName>> = {
  maxPerSecond: 'second',
  maxPerMinute: 'minute',
  maxPerHour: 'hour',
  maxPerDay: 'day',
};
/** A lot is a tenth of what may go in a second: what a crash loses, and what may go later than it was counted. */
const LOTS_PER_SECOND = 10;
/** Limits of an hour or a day are not for pace, but a crash must not lose much of them. */
const LOTS_PER_HOUR = 50;
const MAX_LOT = 100;
/** So long everything waits for a large message, that small ones may not keep it waiting; longer they go before it. */
const PATIENCE_MS = 10_000;
const IDLE_MS = 1_000;
/** How long nothing is to be had after the counters could not be asked. */
const AWAY_MS = 1_000;

const NO_LIMITS: Quota = {
  inHand: Number.POSITIVE_INFINITY,
  take: () => true,
  draw: async () => undefined,
  heldUntil: () => undefined,
  putBack: () => {},
  rest: async () => {},
};

/** The quota of a provider; one without limits asks the counters for nothing. */
export function createQuota(counters: Limits, { id, limits }: Pick<Provider, 'id' | 'limits'>): Quota {
  const windows = limitsOf(limits);
  if (windows.length === 0) return NO_LIMITS;
  const lotSize = lotSizeOf(limits);
  let lots: Lot[] = [];
  let budgets: readonly Budget[] = [];
  let denial: Denial | undefined;
  let drawnAt = 0;

  function inHand(): number {
    return lots.reduce((sum, lot) => sum + lot.amount, 0);
  }

  async function rest(): Promise<void> {
    const unused = lots.filter(lot => lot.amount > 0);
    lots = [];
    await Promise.all(unused.map(lot => counters.giveBack(lot)));
  }

  function heldUntil(recipients: number, now: number): number | undefined {
    const isHeld = denial !== undefined && now < denial.until && recipients >= denial.recipients;
    return isHeld ? denial?.until : undefined;
  }

  function deny(recipients: number, until: number, now: number): number {
    const isShort = until - now <= PATIENCE_MS;
    denial = { recipients: isShort ? 1 : Math.min(recipients, knownDenial(now)), until };
    return until;
  }

  function knownDenial(now: number): number {
    return denial !== undefined && now < denial.until ? denial.recipients : Number.POSITIVE_INFINITY;
  }

  return {
    get inHand() {
      return inHand();
    },
    take(recipients) {
      if (inHand() < recipients) return false;
      for (let missing = recipients; missing > 0; ) {
        const [lot] = lots;
        if (lot === undefined) break;
        const used = Math.min(missing, lot.amount);
        lot.amount -= used;
        missing -= used;
        if (lot.amount === 0) lots.shift();
      }
      return true;
    },
    async draw(recipients, now) {
      try {
        // Together with what is in hand: else that would keep a message larger than the whole limit from going.
        if (inHand() > 0) await rest();
        budgets = windows.map(([window, max]) => rollingBudget(`provider:${id}`, window, max, now));
        const most = Math.max(recipients, lotSize);
        const drawn = await counters.draw({ budgets, least: recipients, most, now });
        if ('retryAt' in drawn) return deny(recipients, drawn.retryAt, now);
        lots.push({ budgets, amount: drawn.granted });
        drawnAt = now;
        return undefined;
      } catch (error) {
        if (error instanceof AppError) return deny(1, now + AWAY_MS, now);
        throw error;
      }
    },
    heldUntil,
    putBack(recipients) {
      lots.push({ budgets, amount: recipients });
    },
    async rest(options) {
      if (options === undefined || options.ifIdle - drawnAt >= IDLE_MS) await rest();
    },
  };
}

/** The limits that a provider has, by their windows. */
export function limitsOf(limits: ProviderLimits): readonly (readonly [WindowName, number])[] {
  return Object.entries(WINDOWS).flatMap(([field, window]) => {
    const max = limits[field as keyof ProviderLimits];
    return max === undefined ? [] : [[window, max] as const];
  });
}

/** Whether anything of an attempt counts at a provider: MAIL was sent, and RCPT may have been with it (RFC 2920). */
export function countsAgainstLimits(
  attempts: readonly AttemptRecord[],
  { id }: Pick<Provider, 'id'>,
): boolean {
  return attempts.some(({ provider, phase }) => provider === id && !BEFORE_RCPT.has(phase));
}

const BEFORE_RCPT: ReadonlySet<AttemptRecord['phase']> = new Set([
  'dns',
  'connect',
  'greeting',
  'tls',
  'ehlo',
  'auth',
]);

function lotSizeOf({ maxPerSecond, maxPerMinute, maxPerHour, maxPerDay }: ProviderLimits): number {
  const none = Number.POSITIVE_INFINITY;
  const perSecond = Math.min(maxPerSecond ?? none, (maxPerMinute ?? none) / 60);
  const perHour = Math.min(maxPerHour ?? none, maxPerDay ?? none);
  const lot = Math.min(perSecond / LOTS_PER_SECOND, perHour / LOTS_PER_HOUR, MAX_LOT);
  return Math.max(1, Math.floor(lot));
}
