import { setTimeout as delay } from 'node:timers/promises';

/** Waits so many ms (not at all when they are below 0), or until the signal. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(Math.max(0, ms), undefined, { signal, ref: false }).catch(error => {
    if (!signal.aborted) throw error;
  });
}
