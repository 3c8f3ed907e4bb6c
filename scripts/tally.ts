/** What one of the steps of `npm test` came to. */
export interface StepResult {
  readonly passed: number;
  readonly failed: number;
  /** At least as many as `skips` has lines. */
  readonly skipped: number;
  /** What was skipped, and how to have it run: a line each. */
  readonly skips: readonly string[];
}

export interface Summary {
  /** The last lines of `npm test`, the very last one for CI to read. */
  readonly lines: readonly string[];
  readonly exitCode: 0 | 1;
}

/** Adds the steps up. Where nothing may be skipped, every skip counts as a failure. */
export function summarise(results: readonly StepResult[], maySkip: boolean): Summary {
  const total = (count: (result: StepResult) => number) =>
    results.reduce((sum, result) => sum + count(result), 0);
  const passed = total(result => result.passed);
  const skipped = total(result => result.skipped);
  const failed = total(result => result.failed) + (maySkip ? 0 : skipped);
  const lines = results.flatMap(result => result.skips).map(skip => `skipped: ${skip}`);
  if (skipped > 0 && !maySkip) lines.push(`In CI nothing may be skipped: these ${skipped} count as failed.`);
  lines.push(`${passed} passed, ${failed} failed${skipped > 0 && maySkip ? `, ${skipped} skipped` : ''}`);
  return { lines, exitCode: failed === 0 ? 0 : 1 };
}
