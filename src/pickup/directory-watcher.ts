import { type FSWatcher, watch } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Wakes a reader of a directory when something happens in it. */
export interface Bell {
  /** Waits so many ms; unless that is a pause, at most until something happens in the directory. */
  wait(time: { readonly inMs: number; readonly isPause: boolean }, signal: AbortSignal): Promise<void>;
  /** Stops listening; the next `wait` begins again. */
  close(): void;
}

/** What comes in one burst is one ring. */
const LEAST_MS = 200;

/** A bell at a directory. Where the system has none left to give, it rings by time alone. */
export function createBell(directory: string): Bell {
  let watcher: FSWatcher | undefined;
  let hasNews = false;
  let ring = (): void => {};

  function listen(): void {
    try {
      watcher = watch(directory, { persistent: false }, () => {
        hasNews = true;
        ring();
      });
      watcher.on('error', close);
    } catch {
      watcher = undefined; // no more watches, or no directory: the look that follows says so
    }
  }

  function close(): void {
    watcher?.close();
    watcher = undefined;
  }

  listen();
  return {
    close,
    async wait({ inMs, isPause }, signal) {
      const leastMs = isPause ? inMs : Math.min(inMs, LEAST_MS);
      await sleep(leastMs, signal);
      if (watcher === undefined) listen();
      if (!hasNews) await nextRing(inMs - leastMs, signal);
      hasNews = false;
    },
  };

  async function nextRing(ms: number, signal: AbortSignal): Promise<void> {
    const rung = new AbortController();
    ring = () => rung.abort();
    await sleep(ms, AbortSignal.any([signal, rung.signal]));
    ring = () => {};
  }
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(error => {
    if (!signal.aborted) throw error;
  });
}
