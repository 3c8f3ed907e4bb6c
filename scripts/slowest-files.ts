import type { Reporter, TestModule } from 'vitest/node';

/** The duration of a test file, with its imports and hooks. */
export interface FileTime {
  /** Its project and its path. */
  readonly file: string;
  readonly ms: number;
}

const SHOWN = 10;

/** A reporter for Vitest that prints the slowest files. */
export default class SlowestFiles implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    console.log(`\n${describeSlowest(modules.map(timeOf)).join('\n')}`);
  }
}

/** One line for each of the slowest files, the slowest first. */
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
