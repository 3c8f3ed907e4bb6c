import { POLL_MS } from './lane.ts';
import type { Lanes } from './lanes.ts';

/** Wakes the dispatch loop when the next message is due or a limit ends, and after POLL_MS at the latest. */
export interface WakeTimer {
  /** Computes the time again, after something that it depends on has changed. */
  set(): void;
  stop(): void;
}

const SHORTEST_MS = 5;

export function createWakeTimer(lanes: Lanes, now: () => number, wake: () => void): WakeTimer {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  return {
    set() {
      clearTimeout(timer);
      if (isStopped) return;
      const at = now();
      const times = lanes.all().flatMap(lane => lane.quota.limitedUntil(1, at) ?? lane.nextDueAt ?? []);
      timer = setTimeout(wake, Math.max(SHORTEST_MS, Math.min(POLL_MS, ...times.map(time => time - at))));
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
