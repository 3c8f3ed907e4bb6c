import { randomBytes } from 'node:crypto';
import { assertUsable } from './check-directory.ts';
import { createDirectoryWatcher } from './directory-watcher.ts';
import { type NextScan, scan } from './scan-directory.ts';
import { createSettleDelay } from './settle-delay.ts';
import type { BatchContext } from './submit-batch.ts';

export interface PickupOptions extends Omit<BatchContext, 'settleDelay' | 'newName'> {
  /** Returns unique letters and digits, for claims; absent: 64 random bits. */
  readonly newName?: () => string;
  /** How long a file must be unchanged before it is read; absent: 2 s. */
  readonly settleMs?: number;
  /** Interval of the scans without changes; absent: 10 s. */
  readonly rescanMs?: number;
}

export interface PickupWatch {
  /** Starts no further files, and waits for the files in progress. */
  stop(): Promise<void>;
}

const SETTLE_MS = 2_000;
const RESCAN_MS = 10_000;

/**
 * Watches a pickup directory and submits each `.eml` file in it exactly once.
 * If the directory disappears later, the watch waits until it exists again.
 * @throws AppError when the directory cannot be used.
 */
export async function watchPickup(options: PickupOptions): Promise<PickupWatch> {
  const { directory, settleMs = SETTLE_MS, rescanMs = RESCAN_MS, newName = randomName, now } = options;
  await assertUsable(directory);
  const stopping = new AbortController();
  const context = { ...options, newName, settleDelay: createSettleDelay(settleMs, now) };
  const scanOnce = () => scan(context, rescanMs, stopping.signal);
  const running = scanRepeatedly(scanOnce, options, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function scanRepeatedly(
  scanOnce: () => Promise<NextScan>,
  { directory, log, rescanMs = RESCAN_MS }: PickupOptions,
  signal: AbortSignal,
): Promise<void> {
  const watcher = createDirectoryWatcher(directory);
  while (!signal.aborted) {
    const next = await scanOnce().catch(error => {
      log.error({ err: error, directory }, 'the pickup directory cannot be read');
      watcher.close();
      return { inMs: rescanMs, isPause: false };
    });
    await watcher.wait(next, signal);
  }
  watcher.close();
}

function randomName(): string {
  return randomBytes(8).toString('hex');
}
