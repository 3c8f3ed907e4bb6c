import type { ProviderId } from './message.ts';

/**
 * What one node tells the others of a provider: that it opened its breaker there, or closed it. Nobody has to believe it:
 * a node may be better informed itself.
 */
export interface Hint {
  readonly id: number;
  readonly provider: ProviderId;
  readonly breaker: 'opened' | 'closed';
  /** The lease of the node that says so. */
  readonly by: number;
  /** How many hints there were of this provider, this one included: who knows the number has heard it. */
  readonly count: number;
}
