import type { HealthSignal } from '../../core/outcome.ts';

/** What changed in a breaker. `closed` is not reported for a breaker that only another node had opened. */
export type BreakerChange = 'opened' | 'closed';

const FAILURES_IN_A_ROW = 5;
/** The breaker also opens when half of so many results are failures. */
const RECENT_RESULTS = 20;
const FIRST_OPEN_MS = 30_000;
const LONGEST_OPEN_MS = 15 * 60_000;

/**
 * The circuit breaker of a provider. It opens after 5 failures in a row, after failures in half of the last 20 results,
 * and at once for bad credentials. It stays open for 30 s, and twice as long each further time, up to 15 min. Then one
 * attempt tests the provider. After a success the number of attempts under way may grow by one for each success.
 */
export class CircuitBreaker {
  /** The last results, true for a success. Empty while all is well. */
  #recent: boolean[] = [];
  #failuresInARow = 0;
  /** How long the breaker stays open when it opens next. */
  #openMs = FIRST_OPEN_MS;
  #openUntil: number | undefined;
  /** How many attempts may be under way. Without limit until the breaker has opened once. */
  #limit = Number.POSITIVE_INFINITY;
  /** It is open only because another node said so. */
  #isOpenedByOther = false;

  /** Epoch ms until which nothing is sent. In the past: one attempt tests the provider. Undefined: the breaker is closed. */
  get openUntil(): number | undefined {
    return this.#openUntil;
  }

  /** How many more attempts may start, when `active` are under way. */
  allowance(now: number, active: number): number {
    if (this.#openUntil === undefined) return Math.max(0, this.#limit - active);
    return now < this.#openUntil ? 0 : Math.max(0, 1 - active);
  }

  /** Takes the health signal of an attempt, and returns what it changed. */
  note(signal: HealthSignal, now: number): BreakerChange | undefined {
    if (signal === 'none') return undefined;
    return signal === 'good' ? this.#noteSuccess(now) : this.#noteFailure(signal, now);
  }

  /**
   * Takes the breaker state of another node. Opened: one attempt at a time until one of ours shows how the provider is.
   * Closed: if ours is open, an attempt tests the provider now.
   */
  noteOther(change: BreakerChange, now: number): void {
    if (change === 'closed') {
      if (this.#openUntil !== undefined) this.#openUntil = Math.min(this.#openUntil, now);
    } else if (this.#openUntil === undefined) {
      this.#openUntil = now;
      this.#limit = 1;
      this.#isOpenedByOther = true;
    }
  }

  #noteFailure(signal: HealthSignal, now: number): 'opened' | undefined {
    this.#recent = [...this.#recent, false].slice(-RECENT_RESULTS);
    this.#failuresInARow += 1;
    const failures = this.#recent.filter(isGood => !isGood).length;
    const isHalfBad = this.#recent.length === RECENT_RESULTS && failures >= RECENT_RESULTS / 2;
    const isTest = this.#openUntil !== undefined;
    const opens = signal === 'bad-credentials' || isTest || isHalfBad;
    return opens || this.#failuresInARow >= FAILURES_IN_A_ROW ? this.#open(now) : undefined;
  }

  #open(now: number): 'opened' | undefined {
    if (this.#openUntil !== undefined && now < this.#openUntil) return undefined;
    this.#openUntil = now + this.#openMs;
    this.#isOpenedByOther = false;
    this.#openMs = Math.min(this.#openMs * 2, LONGEST_OPEN_MS);
    this.#limit = 1;
    this.#recent = [];
    this.#failuresInARow = 0;
    return 'opened';
  }

  /** Ignores attempts that began before the breaker opened and end while it is open. */
  #noteSuccess(now: number): 'closed' | undefined {
    if (this.#openUntil !== undefined && now < this.#openUntil) return undefined;
    this.#failuresInARow = 0;
    if (this.#recent.length > 0 || this.#openUntil !== undefined) {
      this.#recent = [...this.#recent, true].slice(-RECENT_RESULTS);
    }
    const closes = this.#openUntil !== undefined && !this.#isOpenedByOther;
    this.#openUntil = undefined;
    this.#isOpenedByOther = false;
    this.#limit += 1;
    if (closes) return 'closed';
    if (this.#recent.every(isGood => isGood)) {
      this.#recent = [];
      this.#openMs = FIRST_OPEN_MS;
    }
    return undefined;
  }
}
