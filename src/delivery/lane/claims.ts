import { type LeaseId, NO_LANE, type Queue } from '../../store/store.ts';
import type { BackgroundWork } from '../background-work.ts';
import type { MemoryBudget } from '../memory-budget.ts';
import type { Recorder } from '../result-batcher.ts';
import type { Lane } from './lane.ts';

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
    lane.claimStarted(now());
    try {
      const limit = Math.min(messages, CLAIM_MESSAGES, allowed(lane));
      const claimed = await queue.claim({ lane: id, lease, now: now(), limit, maxBytes });
      if (lane.isClosed) {
        // Its provider was changed meanwhile: nobody looks into this lane again.
        await Promise.all(claimed.messages.map(message => recorder.giveBack(message, NO_LANE, now())));
        return;
      }
      for (const message of claimed.messages) window.enter(id, message.mime.length);
      lane.addClaimed(claimed, now());
    } finally {
      lane.claimEnded();
    }
    onClaimed(lane);
  }

  return {
    claimIfDue(lane) {
      if (lane.isClaimDue(now())) background.add(claim(lane));
    },
  };
}

/** What can go at once under the provider's limits; one more shows how much the next needs. */
function allowed(lane: Lane): number {
  return Math.max(1, lane.quota.inHand - lane.readyCount);
}
