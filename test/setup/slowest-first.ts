import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The slowest files, as a run of all tests prints them at its end. They start first: a slow one that starts last runs
 * alone at the end. On a machine that has run the tests before, Vitest knows this by itself.
 */
const SLOWEST = [
  'test/e2e/durability/promises.test.ts',
  'test/e2e/program/cli.test.ts',
  'test/e2e/cluster/postgres-promises.test.ts',
  'test/e2e/cluster/cluster-limits.test.ts',
  'test/e2e/durability/restart.test.ts',
  'test/e2e/dashboard/dashboard-browser.test.ts',
  'test/e2e/cluster/cluster.test.ts',
  'test/e2e/cluster/rolling-upgrade.test.ts',
  'test/e2e/dashboard/dashboard-figures.test.ts',
  'src/store/postgres/postgres-store.test.ts',
  'src/store/postgres/postgres-15.test.ts',
];

/** Puts the slowest files of each project in front; the others stay in the order that Vitest gives them. */
export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const byProject = Map.groupBy(await super.sort(files), ({ project }) => project.name);
    return [...byProject.values()].flatMap(sorted => [
      ...sorted.filter(isSlow),
      ...sorted.filter(file => !isSlow(file)),
    ]);
  }
}

function isSlow({ moduleId }: TestSpecification): boolean {
  return SLOWEST.some(file => moduleId.endsWith(`/${file}`));
}
