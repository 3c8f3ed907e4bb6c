import { type DispatchContext, returnToStore } from './dispatch-context.ts';
import type { Lane } from './lane.ts';
import { routeFrom } from './message-route.ts';

/**
 * Moves the ready messages of a lane whose breaker is open to the next provider of their routes. A message without
 * another provider returns to the store. Returns the lanes that got messages.
 */
export function failOver(context: DispatchContext, lane: Lane): ReadonlySet<Lane> {
  const { lanes, memory, background, now } = context;
  const { id } = lane.provider;
  const messages = lane.takeAllReady();
  const others = new Set<Lane>();
  for (const message of messages) {
    const [, other] = routeFrom(lanes, lane, message);
    if (other === undefined) {
      lane.noteBacklog();
      background.add(returnToStore(context, lane, message, { lane: id, dueAt: now() }));
    } else if (memory.available(other.provider.id).messages === 0) {
      lane.addReady(message);
    } else {
      memory.leave(id, message.mime.length);
      memory.enter(other.provider.id, message.mime.length);
      other.addReady(message);
      others.add(other);
    }
  }
  if (messages.length > 0) lane.noteFailover(others.size > 0);
  return others;
}

/** Whether more mail of the lane can be claimed to go to other providers. */
export function canFailOver({ lanes }: DispatchContext, lane: Lane): boolean {
  if (lane.isStuck || lane.readyCount > 0) return false;
  return lanes.all().some(other => other !== lane && other.isUp);
}
