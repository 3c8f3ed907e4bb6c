import type { Outcome, RecipientState } from './outcome.ts';
import { nextDelayMs } from './retry-schedule.ts';

/** What to do with a message that may have been accepted: no reply to the dot was read. */
export type UnknownPolicy = 'retry' | 'hold' | 'assumeDelivered';

export interface SettlePolicy {
  readonly unknown: UnknownPolicy;
  /** Under `retry`: delay before the attempt that may deliver a second copy. */
  readonly unknownRetryMs: number;
}

export interface SettleInput {
  readonly now: number;
  /** Epoch ms after which the message is not tried again. */
  readonly expiresAt: number;
  /** An earlier attempt ended as unknown. The recipient stays unknown until it is delivered or refused. */
  readonly wasUnknown: boolean;
  /** Number of attempts that counted for this recipient, including the last one. */
  readonly attempts: number;
  /** 0 ≤ random < 1, for the jitter. */
  readonly random: number;
  readonly policy: SettlePolicy;
}

/** The state of a recipient after an outcome. `dueAt` is absent when the state is final. */
export interface NextState {
  readonly state: Exclude<RecipientState, 'queued'>;
  readonly dueAt?: number;
}

/** Turns an outcome into a state and the time of the next attempt. Nothing is tried after `expiresAt`. */
export function settle(outcome: Outcome, at: SettleInput): NextState {
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

/** Returns the state of a recipient that expired before its next attempt. It stays unknown if it may have been delivered. */
export function settleExpired(wasUnknown: boolean): NextState {
  return { state: wasUnknown ? 'unknown' : 'expired' };
}

function retryAt({ now, expiresAt, attempts, random }: SettleInput): number {
  return Math.min(now + nextDelayMs(attempts, random), expiresAt);
}

function settleUnknown({ now, expiresAt, policy }: SettleInput): NextState {
  if (policy.unknown === 'assumeDelivered') return { state: 'delivered' };
  if (now >= expiresAt) return { state: 'unknown' };
  const dueAt = policy.unknown === 'hold' ? expiresAt : Math.min(now + policy.unknownRetryMs, expiresAt);
  return { state: 'unknown', dueAt };
}
