import { type LeaseId, NO_LANE, type Queue } from '../../store/store.ts';
import type { BackgroundWork } from '../background-work.ts';
import type { MemoryBudget } from '../memory-budget.ts';
import type { Recorder } from '../result-batcher.ts';
import { addReady, countReady, isDue, type Lane, noteBacklog } from './lane.ts';
import { POLL_MS } from './wake-timer.ts';

/** Brings what is due from the store into memory. */
export interface Claims {
  /** Claims for a lane when something may be due there, and nobody is claiming for it. */
  claimIfDue(lane: Lane): void;
}

export interface ClaimsParts {
  readonly queue: Queue;
  readonly lease: LeaseId;
  readonly window: MemoryBudget;
  readonly recorder: Pick<Recorder, 'giveBack'>;
  readonly background: BackgroundWork;
  readonly now: () => number;
  /** Told of a lane that has been looked after. */
  readonly onClaimed: (lane: Lane) => void;
}

/** Messages taken from the store at once. */
export const CLAIM_MESSAGES = 200;

export function createClaims(parts: ClaimsParts): Claims {
  const { queue, lease, window, recorder, background, now, onClaimed } = parts;

  async function claim(lane: Lane): Promise<void> {
    const id = lane.provider.id;
    const { messages, bytes: maxBytes } = window.room(id);
    if (messages === 0) return;
    lane.isClaiming = true;
    lane.isPolling = !lane.hasBacklog && !isDue(lane, now());
    lane.hasBacklog = false;
    lane.claimedAt = now();
    try {
      const limit = Math.min(messages, CLAIM_MESSAGES, allowed(lane));
      const claimed = await queue.claim({ lane: id, lease, now: now(), limit, maxBytes });
      if (lane.isClosed) {
        // Its provider was changed meanwhile: nobody looks into this lane again.
        await Promise.all(claimed.messages.map(message => recorder.giveBack(message, NO_LANE, now())));
        return;
      }
      for (const message of claimed.messages) {
        window.enter(id, message.mime.length);
        addReady(lane, message);
      }
      lane.nextDueAt = claimed.nextDueAt;
      if (isDue(lane, now())) noteBacklog(lane);
    } finally {
      lane.isClaiming = false;
    }
    onClaimed(lane);
  }

  return {
    claimIfDue(lane) {
      if (lane.isClaiming) return;
      const isTime = lane.hasBacklog || isDue(lane, now()) || now() - lane.claimedAt >= POLL_MS;
      if (isTime) background.add(claim(lane));
    },
  };
}

/** What can go at once under the provider's limits; one more shows how much the next needs. */
function allowed(lane: Lane): number {
  return Math.max(1, lane.quota.inHand - countReady(lane));
}
