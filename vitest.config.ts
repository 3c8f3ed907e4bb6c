import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { RUNS_ONCE } from './test/e2e/runs-once.ts';

/** Whole programs with servers around them: two files at a time and after all else, so that none starves another. */
const e2e = { include: ['test/e2e/**/*.test.ts'], maxWorkers: 2, testTimeout: 120_000 };

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{src,scripts,bench,dashboard}/**/*.test.ts', 'test/{suites,fuzz,helpers}/**/*.test.ts'],
          maxWorkers: availableParallelism(),
          sequence: { groupOrder: 1 },
        },
      },
      { extends: true, test: { ...e2e, name: 'e2e', sequence: { groupOrder: 2 } } },
      {
        extends: true,
        test: {
          ...e2e,
          name: 'e2e-postgres',
          exclude: Object.keys(RUNS_ONCE).map(file => `test/e2e/${file}`),
          globalSetup: 'test/setup/postgres-of-the-run.ts',
          setupFiles: 'test/setup/on-postgres.ts',
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
