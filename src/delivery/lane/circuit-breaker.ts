import type { LaneSign } from '../../core/outcome.ts';

/** A circuit breaker: whether a provider is worth dialling, and how much at once. */
export interface Health {
  /** Epoch ms until which nothing is sent, then one probe; undefined while the breaker is closed. */
  readonly openUntil: number | undefined;
  /** How many transactions may be under way now, given how many are. */
  allowance(now: number, active: number): number;
  /** Takes the sign of an attempt; says when that opened the breaker, and when it closed it. */
  note(sign: LaneSign, now: number): 'opened' | 'closed' | undefined;
  /**
   * Takes what another node says of its own breaker. Opened: from now on one attempt at a time, until one of ours tells
   * how it is; closed: if ours is open, one attempt shall tell now.
   */
  hear(breaker: 'opened' | 'closed', now: number): void;
}

const ROW_THAT_OPENS = 5;
const WINDOW = 20;
const FIRST_OPEN_MS = 30_000;
const LONGEST_OPEN_MS = 15 * 60_000;

/**
 * Opens after 5 signs of trouble in a row or in half of the last 20, at once for bad credentials; stays open 30 s,
 * doubling to 15 min; then lets one probe through; after that what may be under way grows by one per success.
 */
export function createHealth(): Health {
  let recent: boolean[] = [];
  let inRow = 0;
  let openMs = FIRST_OPEN_MS;
  let openUntil: number | undefined;
  /** How much may be under way; unlimited while all is well. */
  let limit = Number.POSITIVE_INFINITY;
  /** It was only said that there is trouble. */
  let isHearsay = false;

  function open(now: number): 'opened' | undefined {
    const wasOpen = openUntil !== undefined && now < openUntil;
    if (wasOpen) return undefined;
    openUntil = now + openMs;
    isHearsay = false;
    openMs = Math.min(openMs * 2, LONGEST_OPEN_MS);
    limit = 1;
    recent = [];
    inRow = 0;
    return 'opened';
  }

  function noteTrouble(sign: LaneSign, now: number): 'opened' | undefined {
    recent = [...recent, false].slice(-WINDOW);
    inRow += 1;
    const isHalfBad = recent.length === WINDOW && recent.filter(good => !good).length >= WINDOW / 2;
    const isProbe = openUntil !== undefined;
    return sign === 'bad-credentials' || isProbe || inRow >= ROW_THAT_OPENS || isHalfBad
      ? open(now)
      : undefined;
  }

  function noteSuccess(now: number): 'closed' | undefined {
    if (openUntil !== undefined && now < openUntil) return undefined;
    inRow = 0;
    if (recent.length > 0 || openUntil !== undefined) recent = [...recent, true].slice(-WINDOW);
    const wasOpen = openUntil !== undefined && !isHearsay;
    openUntil = undefined;
    isHearsay = false;
    limit += 1;
    if (wasOpen) return 'closed';
    if (recent.every(good => good)) {
      recent = [];
      openMs = FIRST_OPEN_MS;
    }
    return undefined;
  }

  return {
    get openUntil() {
      return openUntil;
    },
    allowance(now, active) {
      if (openUntil !== undefined) return now < openUntil ? 0 : Math.max(0, 1 - active);
      return Math.max(0, limit - active);
    },
    note(sign, now) {
      if (sign === 'none') return undefined;
      return sign === 'good' ? noteSuccess(now) : noteTrouble(sign, now);
    },
    hear(breaker, now) {
      if (breaker === 'closed') {
        if (openUntil !== undefined) openUntil = Math.min(openUntil, now);
      } else if (openUntil === undefined) {
        openUntil = now;
        limit = 1;
        isHearsay = true;
      }
    },
  };
}
