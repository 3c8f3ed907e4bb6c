import type { BackgroundWork } from '../background-work.ts';
import type { MemoryBudget } from '../memory-budget.ts';
import type { Recorder } from '../result-batcher.ts';
import type { Claims } from './claims.ts';
import type { Lane } from './lane.ts';
import type { Lanes } from './lanes.ts';
import { routeFrom } from './message-route.ts';

export interface DetourParts {
  readonly lanes: Lanes;
  readonly window: MemoryBudget;
  readonly recorder: Recorder;
  readonly claims: Claims;
  readonly background: BackgroundWork;
  readonly now: () => number;
  readonly pump: (lane: Lane) => void;
}

/** Makes mail behind an open breaker take the rest of its route; what has no other way leaves memory. */
export function createDetour(parts: DetourParts): (lane: Lane) => void {
  const { lanes, window, recorder, claims, background, now, pump } = parts;
  return lane => {
    const messages = lane.takeAllReady();
    const others = new Set<Lane>();
    for (const message of messages) {
      const [, other] = routeFrom(lanes, lane, message);
      if (other === undefined) {
        window.leave(lane.provider.id, message.mime.length);
        lane.noteBacklog();
        background.add(recorder.giveBack(message, lane.provider.id, now()));
      } else if (window.room(other.provider.id).messages === 0) {
        lane.addReady(message);
      } else {
        window.leave(lane.provider.id, message.mime.length);
        window.enter(other.provider.id, message.mime.length);
        other.addReady(message);
        others.add(other);
      }
    }
    for (const other of others) pump(other);
    if (messages.length > 0) lane.noteFailover(others.size > 0);
    const isAnyUp = lanes.all().some(other => other !== lane && other.isUp);
    if (isAnyUp && !lane.isStuck && lane.readyCount === 0) claims.claimIfDue(lane);
  };
}
