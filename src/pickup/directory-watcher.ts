import { type FSWatcher, watch } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Wakes the scanner of a directory when the directory changes. */
export interface DirectoryWatcher {
  /** Waits `inMs`, or until the directory changes. `isPause` true: changes do not end the wait. */
  wait(time: { readonly inMs: number; readonly isPause: boolean }, signal: AbortSignal): Promise<void>;
  /** Stops watching. The next `wait` starts again. */
  close(): void;
}

/** Minimum wait, so that one burst of changes ends one wait. */
const MIN_WAIT_MS = 200;

/** Creates a watcher of a directory. If the system has no watches left, only time ends a wait. */
export function createDirectoryWatcher(directory: string): DirectoryWatcher {
  let watcher: FSWatcher | undefined;
  let hasChanged = false;
  let wake = (): void => {};

  function startWatching(): void {
    try {
      watcher = watch(directory, { persistent: false }, () => {
        hasChanged = true;
        wake();
      });
      watcher.on('error', close);
    } catch {
      watcher = undefined; // no watches left, or no directory: the next scan reports that
    }
  }

  function close(): void {
    watcher?.close();
    watcher = undefined;
  }

  startWatching();
  return {
    close,
    async wait({ inMs, isPause }, signal) {
      const minMs = isPause ? inMs : Math.min(inMs, MIN_WAIT_MS);
      await sleep(minMs, signal);
      if (watcher === undefined) startWatching();
      if (!hasChanged) await nextChange(inMs - minMs, signal);
      hasChanged = false;
    },
  };

  async function nextChange(ms: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    wake = () => woken.abort();
    await sleep(ms, AbortSignal.any([signal, woken.signal]));
    wake = () => {};
  }
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(error => {
    if (!signal.aborted) throw error;
  });
}
