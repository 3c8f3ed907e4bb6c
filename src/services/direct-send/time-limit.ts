/** When an attempt is to stop: at the end of its time, or when nobody waits for it any more. */
export interface Cutoff {
  readonly signal: AbortSignal;
  /** It stopped because its time was over. */
  readonly isTimedOut: boolean;
  /** From here on only time counts: what came of a message that was sent is worth knowing, even to nobody. */
  holdOn(): void;
  /** Forgets it all. */
  end(): void;
}

/** Runs from now. */
export function createCutoff(caller: AbortSignal, limitMs: number): Cutoff {
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
    holdOn,
    end() {
      clearTimeout(limit);
      holdOn();
    },
  };
}
