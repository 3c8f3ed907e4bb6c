import type { Reporter, TestModule } from 'vitest/node';

/** How long a test file took, everything that it imports and its hooks included. */
export interface FileTime {
  /** Its project and its path. */
  readonly file: string;
  readonly ms: number;
}

const SHOWN = 10;

/** A reporter for Vitest that prints which files took longest. */
export default class SlowestFiles implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    console.log(`\n${describeSlowest(modules.map(timeOf)).join('\n')}`);
  }
}

/** The slowest files, the slowest first, a line each. */
export function describeSlowest(times: readonly FileTime[]): readonly string[] {
  const slowest = times.toSorted((a, b) => b.ms - a.ms).slice(0, SHOWN);
  const lines = slowest.map(({ file, ms }) => `${(ms / 1_000).toFixed(1).padStart(7)} s  ${file}`);
  return [`The ${lines.length} slowest of ${times.length} test files:`, ...lines];
}

function timeOf(module: TestModule): FileTime {
  const { collectDuration, duration, prepareDuration, setupDuration } = module.diagnostic();
  return {
    file: `${module.project.name}  ${module.relativeModuleId}`,
    ms: collectDuration + duration + prepareDuration + setupDuration,
  };
}
