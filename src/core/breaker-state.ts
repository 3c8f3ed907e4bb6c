import type { ProviderId } from './message.ts';

/**
 * The state of a circuit breaker, as one node tells it to the others. Another node may ignore it if it has later results of
 * its own.
 */
export interface BreakerState {
  readonly id: number;
  readonly provider: ProviderId;
  readonly breaker: 'opened' | 'closed';
  /** The lease of the reporting node. */
  readonly by: number;
  /** Number of states that were told about this provider, including this one. A node that knows the number has read this state. */
  readonly count: number;
}
