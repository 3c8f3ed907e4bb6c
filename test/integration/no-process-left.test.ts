import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { processesVariable } from '../fixtures/failing/note.ts';
import { testFolder } from '../helpers/gates/cli.ts';
import { ROOT, until } from '../helpers/gates/gate.ts';
import { isAlive, type Program, startProgram } from '../helpers/programs/program.ts';

// Runs tests that fail on purpose, in a Vitest of their own, and looks at what is left of the programs that they started.

interface Run {
  readonly vitest: Program;
  /** What was started so far. */
  processes(): readonly number[];
  /** What became of each test, by its name, and what was said of whole files. */
  report(): { readonly outcomes: Readonly<Record<string, string>>; readonly messages: string };
}

function run(...cases: readonly string[]): Run {
  const folder = testFolder();
  const [processesFile, reportFile] = [join(folder, 'processes'), join(folder, 'report.json')];
  const config = join(ROOT, 'test', 'fixtures', 'failing', 'vitest.config.ts');
  const reporters = ['--reporter=json', `--outputFile=${reportFile}`];
  const args = [join(ROOT, 'node_modules', '.bin', 'vitest'), 'run', '--config', config, ...reporters];
  const vitest = startProgram(process.execPath, [...args, ...cases.map(name => `${name}.case.ts`)], {
    env: { [processesVariable]: processesFile },
  });
  return {
    vitest,
    processes: () => lines(processesFile).map(Number),
    report() {
      const { testResults } = JSON.parse(readFileSync(reportFile, 'utf8')) as Report;
      const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
      return {
        outcomes: Object.fromEntries(tests.map(({ title, status }) => [title, status])),
        messages: testResults.map(({ message }) => message).join('\n'),
      };
    },
  };
}

interface Report {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}

test('a test that fails, hangs or forgets leaves no process behind', async () => {
  const { vitest, processes, report } = run('assertion', 'timeout', 'hook', 'left');
  expect((await vitest.end).code).toBe(1);
  const { outcomes, messages } = report();
  expect(outcomes).toEqual({
    'fails with a gate running': 'failed',
    'finds that the gate has ended with the test before': 'passed',
    'never ends, and neither does what it started': 'failed',
    'finds that the program has ended with the test before': 'passed',
    'is not run': 'skipped',
    'passes, and leaves a program running': 'passed',
  });
  expect(messages).toContain('These programs were left running:\nsh -c sleep');
  expect(processes()).toHaveLength(7);
  await untilGone(processes());
});

test('a test process that is killed takes a database server and programs along', async () => {
  const { vitest, processes } = run('killed');
  expect((await vitest.end).code).toBe(1);
  expect(processes()).toHaveLength(3);
  await untilGone(processes());
});

test('a whole run that is killed takes along what its tests have started', async () => {
  const { vitest, processes } = run('endless');
  await until(() => processes().length === 2, 'the test to start something');
  expect(processes().every(isAlive)).toBe(true);
  vitest.child.kill('SIGKILL');
  await untilGone(processes());
});

function untilGone(pids: readonly number[]): Promise<unknown> {
  return until(() => pids.every(pid => !isAlive(pid)), 'all that was started to end');
}

function lines(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}
