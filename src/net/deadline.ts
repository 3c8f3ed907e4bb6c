/** A time-out that is moved far more often than it runs out; moving it later costs a clock reading and no timer. */
export interface Deadline {
  /** Runs out in so many ms from now, in place of what was set before. */
  set(ms: number): void;
  clear(): void;
}

/** Never keeps the process alive by itself: what it guards (a socket) does. */
export function createDeadline(onExpired: () => void): Deadline {
  let dueAt = Infinity;
  let timer: NodeJS.Timeout | undefined;
  let timerAt = Infinity;

  const arm = (now: number): void => {
    clearTimeout(timer);
    timerAt = dueAt;
    timer = setTimeout(ring, Math.max(1, dueAt - now)).unref();
  };

  const ring = (): void => {
    timerAt = Infinity;
    if (dueAt === Infinity) return;
    const now = performance.now();
    if (now < dueAt) {
      arm(now);
    } else {
      dueAt = Infinity;
      onExpired();
    }
  };

  return {
    set(ms) {
      const now = performance.now();
      dueAt = now + ms;
      if (dueAt < timerAt) arm(now);
    },
    clear() {
      clearTimeout(timer);
      dueAt = timerAt = Infinity;
    },
  };
}
