import type { ProviderId } from '../../core/message.ts';
import type { LeasedMessage, LeaseId, Queue } from '../../store/store.ts';
import type { AttemptContext } from '../attempt-context.ts';
import type { BackgroundWork } from '../background-work.ts';
import type { MemoryBudget } from '../memory-budget.ts';
import type { ResultWriter } from '../result-writer.ts';
import type { Lane } from './lane.ts';
import type { Lanes } from './lanes.ts';
import type { WakeTimer } from './wake-timer.ts';

/** What the steps of the dispatch loop work with. */
export interface DispatchContext {
  readonly queue: Queue;
  /** The lease of this node, for claims. */
  readonly lease: LeaseId;
  readonly lanes: Lanes;
  readonly memory: MemoryBudget;
  readonly results: ResultWriter;
  readonly attempts: AttemptContext;
  readonly background: BackgroundWork;
  readonly timer: WakeTimer;
  /** Epoch ms. */
  readonly now: () => number;
}

/** Returns a ready message of a lane to the store, and frees its memory. No attempt counts. `dueAt` in epoch ms. */
export function returnToStore(
  { memory, results }: DispatchContext,
  lane: Lane,
  message: LeasedMessage,
  to: { readonly lane: ProviderId; readonly dueAt: number },
): Promise<void> {
  memory.leave(lane.provider.id, message.mime.length);
  return results.giveBack(message, to.lane, to.dueAt);
}
