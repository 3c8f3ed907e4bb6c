import type { ProviderId } from '../../core/message.ts';
import type { Lane } from './lane.ts';

/** The health of an enabled provider, as this process sees it. */
export interface LaneHealth {
  readonly provider: ProviderId;
  /** Epoch ms until which the breaker is open. In the past: the next attempt tests the provider. Absent: the breaker is closed. */
  readonly openUntil?: number;
  /** Attempts under way. */
  readonly active: number;
}

export function healthOfLane({ provider, breaker, active }: Lane): LaneHealth {
  const { openUntil } = breaker;
  return { provider: provider.id, active, ...(openUntil !== undefined && { openUntil }) };
}
