import type { Budget } from '../../../src/core/budget.ts';

/** What each message of the process to be killed costs one unit of. It never ends. */
export const CHILD_BUDGET: Budget = {
  counter: 'child',
  bucket: 0,
  oldest: 0,
  bucketMs: 0,
  expiresAt: Number.MAX_SAFE_INTEGER,
  max: 1_000_000,
};
