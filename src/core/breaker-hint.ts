import type { ProviderId } from './message.ts';

/**
 * A report of one node to the others that it opened or closed its circuit breaker for a provider. A receiver may ignore it
 * if it has later results of its own.
 */
export interface Hint {
  readonly id: number;
  readonly provider: ProviderId;
  readonly breaker: 'opened' | 'closed';
  /** The lease of the reporting node. */
  readonly by: number;
  /** Number of reports about this provider so far, including this one. A node that knows the number has read the report. */
  readonly count: number;
}
