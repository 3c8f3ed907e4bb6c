import type { Outcome, RecipientState } from './outcome.ts';
import { nextDelayMs } from './retry-schedule.ts';

/** What to do when nobody knows whether a message was accepted. */
export type UnknownPolicy = 'retry' | 'hold' | 'assumeDelivered';

export interface SettlePolicy {
  readonly unknown: UnknownPolicy;
  /** Under `retry`: how long to wait before what may be a second copy. */
  readonly unknownRetryMs: number;
}

export interface Circumstances {
  readonly now: number;
  /** Epoch ms at which the message is given up. */
  readonly expiresAt: number;
  /** An earlier attempt ended unknown for it: until it is delivered or refused, it stays so. */
  readonly wasUnknown: boolean;
  /** Attempts that counted for this recipient, with the one just made. */
  readonly attempts: number;
  /** 0 ≤ random < 1, for the jitter. */
  readonly random: number;
  readonly policy: SettlePolicy;
}

/** Where a recipient stands after an outcome; `dueAt` is absent when that is final. */
export interface Standing {
  readonly state: Exclude<RecipientState, 'queued'>;
  readonly dueAt?: number;
}

/** Turns an outcome into a state and the time of the next look at it. Nothing is tried after `expiresAt`. */
export function settle(outcome: Outcome, at: Circumstances): Standing {
  switch (outcome.kind) {
    case 'delivered':
      return { state: 'delivered' };
    case 'reject':
      return { state: outcome.by === 'far-end' ? 'bounced' : 'failed' };
    case 'retry':
      if (at.now >= at.expiresAt) return settleExpired(at.wasUnknown);
      return { state: at.wasUnknown ? 'unknown' : 'deferred', dueAt: retryAt(at) };
    case 'unknown':
      return settleUnknown(at);
  }
}

/** Where a recipient stands whose time is over before another attempt: what may have been sent ends as unknown. */
export function settleExpired(wasUnknown: boolean): Standing {
  return { state: wasUnknown ? 'unknown' : 'expired' };
}

function retryAt({ now, expiresAt, attempts, random }: Circumstances): number {
  return Math.min(now + nextDelayMs(attempts, random), expiresAt);
}

function settleUnknown({ now, expiresAt, policy }: Circumstances): Standing {
  if (policy.unknown === 'assumeDelivered') return { state: 'delivered' };
  if (now >= expiresAt) return { state: 'unknown' };
  const dueAt = policy.unknown === 'hold' ? expiresAt : Math.min(now + policy.unknownRetryMs, expiresAt);
  return { state: 'unknown', dueAt };
}
