import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../core/errors.ts';
import type { Store } from '../store/store.ts';

export interface PatienceOptions {
  /** How long to wait for a store that is away. */
  readonly patienceMs: number;
  /** Told once that it is waited for, with what the store says. */
  readonly onWait: (error: AppError) => void;
}

const AGAIN_MS = 500;
/** What PostgreSQL says of who may not come in, and of a database that is not there: no waiting mends these. */
const REFUSED = /^(28|3D)/;

/**
 * Opens a store, and waits for one that is away: after a power failure the gate is often there before its database. When
 * it stays away, the last error is thrown, so that whoever supervises the gate sees that it does not start.
 */
export async function openPatiently(open: () => Promise<Store>, options: PatienceOptions): Promise<Store> {
  const deadline = performance.now() + options.patienceMs;
  for (let isTold = false; ; isTold = true) {
    try {
      return await open();
    } catch (error) {
      if (!isAway(error) || performance.now() > deadline) throw error;
      if (!isTold) options.onWait(error);
      await delay(AGAIN_MS);
    }
  }
}

function isAway(error: unknown): error is AppError {
  if (!(error instanceof AppError) || error.code !== 'unavailable') return false;
  const { cause } = error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return !REFUSED.test(code);
}
