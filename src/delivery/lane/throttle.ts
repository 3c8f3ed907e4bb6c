import { type DispatchContext, returnToStore } from './dispatch-context.ts';
import type { Lane } from './lane.ts';

/** Whether the limits of the provider let nothing through now, not even one recipient. */
export function isAtLimit({ now }: DispatchContext, lane: Lane): boolean {
  return lane.quota.limitedUntil(1, now()) !== undefined;
}

/** Asks the limits of the provider for so many recipients. What they hold back returns to the store. */
export async function reserveQuota(context: DispatchContext, lane: Lane, recipients: number): Promise<void> {
  lane.reservationStarted();
  try {
    const retryAt = await lane.quota.reserve(recipients, context.now());
    if (retryAt !== undefined) setAside(context, lane);
  } finally {
    lane.reservationEnded();
  }
}

/**
 * Returns the ready messages that the limits hold back to the store. When the whole lane waits, they keep their place in
 * the queue (due since they were created). Otherwise a message is due when there may be enough quota for it.
 */
export function setAside(context: DispatchContext, lane: Lane): void {
  if (lane.readyCount === 0) return;
  const { background, timer, now } = context;
  const { id } = lane.provider;
  const isWholeLane = isAtLimit(context, lane);
  for (const message of lane.takeAllReady()) {
    const until = lane.quota.limitedUntil(message.recipients.length, now());
    if (until === undefined) {
      lane.addReady(message);
      continue;
    }
    const dueAt = isWholeLane ? message.createdAt : until;
    background.add(returnToStore(context, lane, message, { lane: id, dueAt }));
    if (isWholeLane) lane.noteBacklog();
    else lane.noteDue(until);
  }
  timer.set();
}
