import type { ProviderId } from '../../core/message.ts';
import type { Lane } from './lane.ts';

/** How an enabled provider does, as this process sees it. */
export interface LaneHealth {
  readonly provider: ProviderId;
  /** Epoch ms until which its breaker is open; in the past: one attempt shall tell. Absent: it is closed. */
  readonly openUntil?: number;
  /** Attempts under way. */
  readonly active: number;
}

export function healthOfLane({ provider, health, active }: Lane): LaneHealth {
  const { openUntil } = health;
  return { provider: provider.id, active, ...(openUntil !== undefined && { openUntil }) };
}
