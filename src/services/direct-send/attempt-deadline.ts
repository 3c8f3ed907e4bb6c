/** When an attempt is to stop: at the end of its time, or when nobody waits for it any more. */
export interface AttemptDeadline {
  readonly signal: AbortSignal;
  /** It stopped because its time was over. */
  readonly isTimedOut: boolean;
  /** From here on only time counts: what came of a message that was sent is worth knowing, even to nobody. */
  ignoreCaller(): void;
  /** Forgets it all. */
  clear(): void;
}

/** Runs from now. */
export function createAttemptDeadline(caller: AbortSignal, limitMs: number): AttemptDeadline {
  const controller = new AbortController();
  let isTimedOut = false;
  const limit = setTimeout(() => {
    isTimedOut = true;
    controller.abort();
  }, limitMs);
  const stop = (): void => controller.abort();
  const holdOn = (): void => caller.removeEventListener('abort', stop);
  caller.addEventListener('abort', stop, { once: true });
  if (caller.aborted) stop();
  return {
    signal: controller.signal,
    get isTimedOut() {
      return isTimedOut;
    },
    ignoreCaller: holdOn,
    clear() {
      clearTimeout(limit);
      holdOn();
    },
  };
}
