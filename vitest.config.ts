import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { TEST_MS, WAIT_MS } from './test/helpers/programs/patience.ts';
import { RUNS_ONCE } from './test/setup/runs-once.ts';
import { SlowestFirst } from './test/setup/slowest-first.ts';

/** What gates and commands are compiled to, so that each one that a test starts need not do it again. */
const env = { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules', '.cache', 'compiled') };

/** Whole programs with servers around them: a few files at a time and after all else, so that none starves another. */
const e2e = {
  sequence: { groupOrder: 2 },
  env,
  include: ['test/{integration,e2e}/**/*.test.ts'],
  maxWorkers: 3,
};

export default defineConfig({
  test: {
    testTimeout: TEST_MS,
    hookTimeout: TEST_MS,
    sequence: { sequencer: SlowestFirst },
    expect: { poll: { timeout: WAIT_MS } },
    setupFiles: ['test/setup/leave-no-process.ts'],
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
      { extends: true, test: { ...e2e, name: 'e2e' } },
      {
        extends: true,
        test: {
          ...e2e,
          name: 'e2e-postgres',
          exclude: Object.keys(RUNS_ONCE).map(file => `test/${file}`),
          globalSetup: 'test/setup/postgres-of-the-run.ts',
          setupFiles: ['test/setup/on-postgres.ts'],
        },
      },
    ],
  },
});
