import { NO_LANE } from '../../store/store.ts';
import type { DispatchContext } from './dispatch-context.ts';
import type { Lane } from './lane.ts';

/** Messages that one claim takes at most. */
export const CLAIM_MESSAGES = 200;

/** Whether a claim can bring messages: something may be due in the store, and memory has room for the lane. */
export function canClaim({ memory, now }: DispatchContext, lane: Lane): boolean {
  return lane.isClaimDue(now()) && memory.available(lane.provider.id).messages > 0;
}

/** What a claim needs of the dispatch loop. */
type ClaimContext = Pick<DispatchContext, 'queue' | 'lease' | 'memory' | 'results' | 'now'>;

/** Leases due messages of a lane in the store and makes them ready. */
export async function claimDue(context: ClaimContext, lane: Lane): Promise<void> {
  const { queue, lease, memory, results, now } = context;
  const { id } = lane.provider;
  const { messages, bytes: maxBytes } = memory.available(id);
  lane.claimStarted(now());
  try {
    const limit = Math.min(messages, CLAIM_MESSAGES, allowedByLimits(lane));
    const claimed = await queue.claim({ lane: id, lease, now: now(), limit, maxBytes });
    if (lane.isClosed) {
      // The provider was changed during the claim: nothing starts in this lane any more.
      await Promise.all(claimed.messages.map(message => results.giveBack(message, NO_LANE, now())));
      return;
    }
    for (const message of claimed.messages) memory.enter(id, message.mime.length);
    lane.addClaimed(claimed, now());
  } finally {
    lane.claimEnded();
  }
}

/** How many messages the quota in hand is enough for. At least one, which shows how much quota the next one needs. */
function allowedByLimits(lane: Lane): number {
  return Math.max(1, lane.quota.reserved - lane.readyCount);
}
