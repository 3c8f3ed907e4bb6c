import { type LeasedMessage, NO_LANE } from '../../store/store.ts';
import { attempt } from '../attempt.ts';
import { CLAIM_MESSAGES } from './claims.ts';
import type { DispatchContext } from './dispatch-context.ts';
import { lanesOf } from './message-route.ts';

/** Pause before mail that no provider serves is looked at again. */
const UNROUTED_MS = 5_000;

export interface RoutedBatch {
  /** Messages of the batch, with those that no provider serves. */
  readonly count: number;
  /** More mail without a lane is due. */
  readonly isMore: boolean;
}

/** Takes a batch of the mail that has no lane (it came before its provider, or its provider is gone) and gives it one. */
export async function routeBatch(context: DispatchContext): Promise<RoutedBatch> {
  const { queue, lease, memory, now } = context;
  const { bytes: maxBytes } = memory.available(NO_LANE);
  const request = { lane: NO_LANE, lease, now: now(), limit: CLAIM_MESSAGES, maxBytes };
  const { messages, nextDueAt } = await queue.claim(request);
  await Promise.all(messages.map(message => routeMessage(context, message)));
  return { count: messages.length, isMore: nextDueAt !== undefined && nextDueAt <= now() };
}

async function routeMessage(context: DispatchContext, message: LeasedMessage): Promise<void> {
  const { lanes, results, attempts, now } = context;
  const route = lanesOf(lanes, message);
  // Mail of a paused provider waits for it. It does not go to the next provider.
  const lane = route.find(one => one.isUp || one.isPaused) ?? route[0];
  if (lane !== undefined) await results.giveBack(message, lane.provider.id, now());
  else if (now() >= message.expiresAt) await results.record(await attempt(attempts, message, []));
  else await results.giveBack(message, NO_LANE, Math.min(now() + UNROUTED_MS, message.expiresAt));
}
