import { pbkdf2Sync } from 'node:crypto';

// The only limits of time that the tests have of their own. They end what will never happen; they measure nothing. Where
// a test passes they cost nothing, so they are generous, and longer where the machine is slow.

/**
 * The environment variable with the slowness of the machine. The first process of a run measures it; all others inherit
 * it.
 */
const VARIABLE = 'TEST_SLOWNESS';

const PIECES = 20;
/** What a piece of work takes on the machine of docs/benchmarks.md when nothing else runs there. */
const REFERENCE_MS = 20;
/** A test that hangs must end some time, on any machine. */
const MOST = 5;

/** How long a test waits for a condition. */
export const WAIT_MS = scaled(120_000);

/** How long a test, or a hook, may take with all its waits. */
export const TEST_MS = scaled(8 * 60_000);

/** A time that is short on a fast machine, and on a slow one still long enough for what a test does meanwhile. */
export function scaled(ms: number): number {
  process.env[VARIABLE] ??= String(measureSlowness());
  return Math.round(ms * Number(process.env[VARIABLE]));
}

/** How many times longer work takes than on the reference machine, at least 1; other programs that run here count too. */
function measureSlowness(): number {
  const startedAt = performance.now();
  // Long enough for the other programs to have their turns.
  for (let i = 0; i < PIECES; i++) pbkdf2Sync('password', 'salt', 60_000, 32, 'sha256');
  return Math.min(MOST, Math.max(1, (performance.now() - startedAt) / (PIECES * REFERENCE_MS)));
}
