import { type LeasedMessage, NO_LANE, type Queue } from '../../store/store.ts';
import { type AttemptContext, attempt } from '../attempt.ts';
import type { MemoryBudget } from '../memory-budget.ts';
import type { Recorder } from '../result-batcher.ts';
import { CLAIM_MESSAGES } from './claims.ts';
import type { Lanes } from './lanes.ts';
import { lanesOf } from './message-route.ts';

export interface UnroutedParts {
  readonly queue: Queue;
  readonly lanes: Lanes;
  readonly window: MemoryBudget;
  readonly recorder: Recorder;
  readonly attempts: AttemptContext;
  readonly now: () => number;
  readonly isDraining: () => boolean;
  /** Told when mail was given to lanes. */
  readonly onRouted: () => void;
}

/** How long mail that no provider serves waits before it is looked at again. */
const UNROUTED_MS = 5_000;

/** Finds a lane for the mail that has none, however much it is; a call while it does so changes nothing. */
export function createUnrouted(parts: UnroutedParts): () => Promise<void> {
  const { queue, window, attempts, now, isDraining } = parts;
  const { lease } = attempts.keeper;
  let isRouting = false;
  return async () => {
    if (isRouting) return;
    isRouting = true;
    try {
      for (let isMore = true; isMore && !isDraining(); ) {
        const { bytes: maxBytes } = window.room(NO_LANE);
        const request = { lane: NO_LANE, lease, now: now(), limit: CLAIM_MESSAGES, maxBytes };
        const { messages, nextDueAt } = await queue.claim(request);
        await Promise.all(messages.map(message => routeOne(parts, message)));
        if (messages.length > 0) parts.onRouted();
        isMore = nextDueAt !== undefined && nextDueAt <= now();
      }
    } finally {
      isRouting = false;
    }
  };
}

async function routeOne(parts: UnroutedParts, message: LeasedMessage): Promise<void> {
  const { lanes, recorder, attempts, now } = parts;
  const route = lanesOf(lanes, message);
  // Who pauses a provider wants its mail to wait, and not to go elsewhere.
  const lane = route.find(one => one.isUp || one.isPaused) ?? route[0];
  if (lane !== undefined) await recorder.giveBack(message, lane.provider.id, now());
  else if (now() >= message.expiresAt) await recorder.record(await attempt(attempts, message, []));
  else await recorder.giveBack(message, NO_LANE, Math.min(now() + UNROUTED_MS, message.expiresAt));
}
