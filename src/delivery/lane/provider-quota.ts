import { type Budget, rollingBudget, type WindowName } from '../../core/budget.ts';
import { AppError } from '../../core/errors.ts';
import type { AttemptRecord } from '../../core/message-view.ts';
import type { Provider, ProviderLimits } from '../../core/provider.ts';
import type { Limits } from '../../store/limits.ts';

/** Recipients that the limits of a provider allow. They are reserved in batches, in counters that survive a restart. */
export interface Quota {
  /** Recipients that are reserved and not used. */
  readonly reserved: number;
  /** Uses reserved recipients. False, and nothing is used, when there are too few. */
  take(recipients: number): boolean;
  /** Reserves at least so many recipients. When the limits do not allow it now, resolves with epoch ms of the next try. */
  reserve(recipients: number, now: number): Promise<number | undefined>;
  /** Epoch ms until which the limits do not allow so many recipients, as far as is known; undefined: they may allow them. */
  limitedUntil(recipients: number, now: number): number | undefined;
  /** Undoes `take` for recipients for which no RCPT was sent. */
  putBack(recipients: number): void;
  /** Returns what is reserved to the counters. With `ifIdle` (epoch ms now), only when nothing was reserved for a second. */
  release(options?: { readonly ifIdle: number }): Promise<void>;
}

/** Recipients that were reserved together. */
interface TokenBatch {
  readonly budgets: readonly Budget[];
  amount: number;
}

/** The last refusal of the counters. */
interface Refusal {
  /** So many recipients, or more, are not allowed. */
  readonly recipients: number;
  /** Epoch ms. */
  readonly until: number;
}

const WINDOWS: Readonly<Record<keyof ProviderLimits, WindowName>> = {
  maxPerSecond: 'second',
  maxPerMinute: 'minute',
  maxPerHour: 'hour',
  maxPerDay: 'day',
};
/** A batch is a tenth of a second's rate. A crash loses at most that, and a recipient is sent at most that late. */
const BATCHES_PER_SECOND = 10;
/** Limits of an hour or a day do not set a rate, but a crash must not lose much of them. */
const BATCHES_PER_HOUR = 50;
const MAX_BATCH = 100;
/**
 * When the limits allow a large message within this time, all messages of the lane wait for it. Otherwise small messages
 * would use up the quota again and again. When it takes longer, small messages go first.
 */
const LARGE_MESSAGE_WAIT_MS = 10_000;
const IDLE_MS = 1_000;
/** Pause after the counters could not be reached. */
const UNAVAILABLE_MS = 1_000;

/** Attempts that ended in these phases do not count. */
const BEFORE_RCPT: ReadonlySet<AttemptRecord['phase']> = new Set([
  'dns',
  'connect',
  'greeting',
  'tls',
  'ehlo',
  'auth',
]);

const NO_LIMITS: Quota = {
  reserved: Number.POSITIVE_INFINITY,
  take: () => true,
  reserve: async () => undefined,
  limitedUntil: () => undefined,
  putBack: () => {},
  release: async () => {},
};

/** The quota of a provider. Without limits it never asks the counters. */
export function createQuota(counters: Limits, provider: Pick<Provider, 'id' | 'limits'>): Quota {
  return limitsOf(provider.limits).length === 0 ? NO_LIMITS : new LimitedQuota(counters, provider);
}

class LimitedQuota implements Quota {
  readonly #counters: Limits;
  readonly #provider: Pick<Provider, 'id' | 'limits'>;
  readonly #windows: ReturnType<typeof limitsOf>;
  /** Recipients that are reserved at once. */
  readonly #batchSize: number;
  /** The batches that are reserved and not used up, oldest first. */
  #batches: TokenBatch[] = [];
  /** The budgets of the last reservation. */
  #budgets: readonly Budget[] = [];
  #refusal: Refusal | undefined;
  /** Epoch ms of the last reservation. */
  #reservedAt = 0;

  constructor(counters: Limits, provider: Pick<Provider, 'id' | 'limits'>) {
    this.#counters = counters;
    this.#provider = provider;
    this.#windows = limitsOf(provider.limits);
    this.#batchSize = batchSizeOf(provider.limits);
  }

  get reserved(): number {
    return this.#batches.reduce((sum, batch) => sum + batch.amount, 0);
  }

  take(recipients: number): boolean {
    if (this.reserved < recipients) return false;
    for (let missing = recipients; missing > 0; ) {
      const [batch] = this.#batches;
      if (batch === undefined) break;
      const used = Math.min(missing, batch.amount);
      batch.amount -= used;
      missing -= used;
      if (batch.amount === 0) this.#batches.shift();
    }
    return true;
  }

  async reserve(recipients: number, now: number): Promise<number | undefined> {
    try {
      // The rest of the last batch goes back first: it would block a message that needs the whole limit.
      if (this.reserved > 0) await this.#releaseAll();
      const key = `provider:${this.#provider.id}`;
      this.#budgets = this.#windows.map(([window, max]) => rollingBudget(key, window, max, now));
      const most = Math.max(recipients, this.#batchSize);
      const answer = await this.#counters.draw({ budgets: this.#budgets, least: recipients, most, now });
      if ('retryAt' in answer) return this.#refuse(recipients, answer.retryAt, now);
      this.#batches.push({ budgets: this.#budgets, amount: answer.granted });
      this.#reservedAt = now;
      return undefined;
    } catch (error) {
      if (error instanceof AppError) return this.#refuse(1, now + UNAVAILABLE_MS, now);
      throw error;
    }
  }

  limitedUntil(recipients: number, now: number): number | undefined {
    const refusal = this.#refusalAt(now);
    return refusal !== undefined && recipients >= refusal.recipients ? refusal.until : undefined;
  }

  putBack(recipients: number): void {
    this.#batches.push({ budgets: this.#budgets, amount: recipients });
  }

  async release(options?: { readonly ifIdle: number }): Promise<void> {
    if (options === undefined || options.ifIdle - this.#reservedAt >= IDLE_MS) await this.#releaseAll();
  }

  async #releaseAll(): Promise<void> {
    const unused = this.#batches.filter(batch => batch.amount > 0);
    this.#batches = [];
    await Promise.all(unused.map(batch => this.#counters.giveBack(batch)));
  }

  #refuse(recipients: number, until: number, now: number): number {
    const isShort = until - now <= LARGE_MESSAGE_WAIT_MS;
    const known = this.#refusalAt(now)?.recipients ?? Number.POSITIVE_INFINITY;
    this.#refusal = { recipients: isShort ? 1 : Math.min(recipients, known), until };
    return until;
  }

  #refusalAt(now: number): Refusal | undefined {
    return this.#refusal !== undefined && now < this.#refusal.until ? this.#refusal : undefined;
  }
}

/** The limits that are set for a provider, with their time windows. */
export function limitsOf(limits: ProviderLimits): readonly (readonly [WindowName, number])[] {
  return Object.entries(WINDOWS).flatMap(([field, window]) => {
    const max = limits[field as keyof ProviderLimits];
    return max === undefined ? [] : [[window, max] as const];
  });
}

/** Whether attempts count against the limits of a provider: MAIL was sent there, and RCPT perhaps with it (RFC 2920). */
export function countsAgainstLimits(
  attempts: readonly AttemptRecord[],
  { id }: Pick<Provider, 'id'>,
): boolean {
  return attempts.some(({ provider, phase }) => provider === id && !BEFORE_RCPT.has(phase));
}

function batchSizeOf({ maxPerSecond, maxPerMinute, maxPerHour, maxPerDay }: ProviderLimits): number {
  const none = Number.POSITIVE_INFINITY;
  const perSecond = Math.min(maxPerSecond ?? none, (maxPerMinute ?? none) / 60);
  const perHour = Math.min(maxPerHour ?? none, maxPerDay ?? none);
  const size = Math.min(perSecond / BATCHES_PER_SECOND, perHour / BATCHES_PER_HOUR, MAX_BATCH);
  return Math.max(1, Math.floor(size));
}
