import type { ProviderId } from '../../core/message.ts';
import { POLL_MS } from './lane.ts';
import type { Lanes } from './lanes.ts';

/** Rings when the next message is due or a limit lets mail through again, and after a second anyway. */
export interface Alarm {
  /** Looks again at what is due, after that has changed. */
  set(): void;
  /** Tells when a message is due in a lane. */
  note(lane: ProviderId, dueAt: number): void;
  /** Never rings again. */
  stop(): void;
}

const SHORTEST_MS = 5;

export function createAlarm(lanes: Lanes, now: () => number, ring: () => void): Alarm {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  function set(): void {
    clearTimeout(timer);
    if (isStopped) return;
    const at = now();
    const times = lanes.all().flatMap(lane => lane.quota.heldUntil(1, at) ?? lane.nextDueAt ?? []);
    timer = setTimeout(ring, Math.max(SHORTEST_MS, Math.min(POLL_MS, ...times.map(time => time - at))));
  }

  return {
    set,
    note(id, dueAt) {
      if (lanes.of(id)?.noteDue(dueAt)) set();
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
