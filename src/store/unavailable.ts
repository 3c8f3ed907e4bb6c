import { AppError } from '../core/errors.ts';

const RETRY_AFTER_SECONDS = 5;

/** The store cannot be used now, and nothing was done. */
export function unavailable(sentence: string, cause?: unknown): AppError {
  const error = new AppError('unavailable', sentence, { retryAfterSeconds: RETRY_AFTER_SECONDS });
  error.cause = cause;
  return error;
}

/** The answer to every verb after `close`. */
export function storeIsClosed(): AppError {
  return unavailable('The store is closed.');
}
