import { randomBytes } from 'node:crypto';
import { assertUsable } from './check-directory.ts';
import { createBell } from './directory-watcher.ts';
import { type NextLook, scan } from './scan-directory.ts';
import { createPatience } from './settle-delay.ts';
import type { BatchContext } from './submit-batch.ts';

export interface PickupOptions extends Omit<BatchContext, 'patience' | 'newName'> {
  /** For claims: letters and digits, never the same twice; absent: 64 random bits. */
  readonly newName?: () => string;
  /** How long a file must have been left alone before it is taken; absent: 2 s. */
  readonly settleMs?: number;
  /** How often to look without being told; absent: every 10 s. */
  readonly rescanMs?: number;
}

export interface PickupWatch {
  /** Takes nothing more, and waits for what is being taken in. */
  stop(): Promise<void>;
}

const SETTLE_MS = 2_000;
const RESCAN_MS = 10_000;

/**
 * Watches a pickup directory and takes in the `.eml` files dropped there, each exactly once. Refuses to start when the
 * directory is missing; when it goes away later, waits for it to come back.
 */
export async function watchPickup(options: PickupOptions): Promise<PickupWatch> {
  const { directory, settleMs = SETTLE_MS, rescanMs = RESCAN_MS, newName = randomName, now } = options;
  await assertUsable(directory);
  const ending = new AbortController();
  const context = { ...options, newName, patience: createPatience(settleMs, now) };
  const look = () => scan(context, rescanMs, ending.signal);
  const running = lookAgainAndAgain(look, options, ending.signal);
  return {
    async stop() {
      ending.abort();
      await running;
    },
  };
}

async function lookAgainAndAgain(
  look: () => Promise<NextLook>,
  { directory, log, rescanMs = RESCAN_MS }: PickupOptions,
  signal: AbortSignal,
): Promise<void> {
  const bell = createBell(directory);
  while (!signal.aborted) {
    const next = await look().catch(error => {
      log.error({ err: error, directory }, 'the pickup directory cannot be read');
      bell.close();
      return { inMs: rescanMs, isPause: false };
    });
    await bell.wait(next, signal);
  }
  bell.close();
}

function randomName(): string {
  return randomBytes(8).toString('hex');
}
