import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../core/errors.ts';
import type { Store } from '../store/store.ts';

export interface WaitOptions {
  /** How long to wait for a store that is not available. */
  readonly timeoutMs: number;
  /** Called once, before the first wait, with the error of the store. */
  readonly onWait: (error: AppError) => void;
}

const RETRY_MS = 500;
/** Classes of SQLSTATE that waiting does not help: invalid authorization (28) and unknown database (3D). */
const PERMANENT = /^(28|3D)/;

/**
 * Opens a store, and tries again while it is not available: after a power failure the gate often starts before its
 * database. After the timeout it throws the last error, so that a supervisor sees the failed start.
 */
export async function waitForStore(open: () => Promise<Store>, options: WaitOptions): Promise<Store> {
  const deadline = performance.now() + options.timeoutMs;
  for (let isFirst = true; ; isFirst = false) {
    try {
      return await open();
    } catch (error) {
      if (!isTemporary(error) || performance.now() > deadline) throw error;
      if (isFirst) options.onWait(error);
      await delay(RETRY_MS);
    }
  }
}

function isTemporary(error: unknown): error is AppError {
  if (!(error instanceof AppError) || error.code !== 'unavailable') return false;
  const { cause } = error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return !PERMANENT.test(code);
}
