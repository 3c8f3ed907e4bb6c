/** The result of one step of `npm test`. */
export interface StepResult {
  readonly passed: number;
  readonly failed: number;
  /** At least the number of lines of `skips`. */
  readonly skipped: number;
  /** One line for each skipped thing, with what it needs to run. */
  readonly skips: readonly string[];
}

export interface Summary {
  /** The last lines of `npm test`. CI reads the very last one. */
  readonly lines: readonly string[];
  readonly exitCode: 0 | 1;
}

/** Sums up the steps. Without `maySkip`, every skip counts as a failure. */
export function summarise(results: readonly StepResult[], maySkip: boolean): Summary {
  const total = (count: (result: StepResult) => number) =>
    results.reduce((sum, result) => sum + count(result), 0);
  const passed = total(result => result.passed);
  const skipped = total(result => result.skipped);
  const failed = total(result => result.failed) + (maySkip ? 0 : skipped);
  const lines = results.flatMap(result => result.skips).map(skip => `skipped: ${skip}`);
  if (skipped > 0 && !maySkip)
    lines.push(`CI requires all tests: the ${skipped} skipped ones count as failed.`);
  lines.push(`${passed} passed, ${failed} failed${skipped > 0 && maySkip ? `, ${skipped} skipped` : ''}`);
  return { lines, exitCode: failed === 0 ? 0 : 1 };
}
