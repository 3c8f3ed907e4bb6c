/** A timeout that is moved far more often than it expires. Moving it later costs one clock reading and no timer. */
export interface Deadline {
  /** Sets the time of expiry to `ms` from now. It replaces the earlier value. */
  set(ms: number): void;
  clear(): void;
}

/** The timer is unreferenced: it does not keep the process alive. */
export function createDeadline(onExpired: () => void): Deadline {
  let dueAt = Infinity;
  let timer: NodeJS.Timeout | undefined;
  let timerAt = Infinity;

  const arm = (now: number): void => {
    clearTimeout(timer);
    timerAt = dueAt;
    timer = setTimeout(expire, Math.max(1, dueAt - now)).unref();
  };

  const expire = (): void => {
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
