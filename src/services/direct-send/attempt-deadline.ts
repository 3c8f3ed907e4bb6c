/** Stops an attempt when its time is over, or when its caller has gone. */
export interface AttemptDeadline {
  readonly signal: AbortSignal;
  /** The attempt was stopped because its time was over. */
  readonly isTimedOut: boolean;
  /** From now on only the time can stop the attempt: the result of a sent message is stored in any case. */
  ignoreCaller(): void;
  /** Removes the timer and the listener. */
  clear(): void;
}

/** The time starts with this call. */
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
