import { join } from 'node:path';
import { expect, test } from 'vitest';
import { countTests, type Report } from './run-vitest.ts';
import { root } from './tool.ts';

const announcement = 'a real Postfix: apt-get install postfix';

test('tests are counted by their status', () => {
  const report = reportOf('passed', ['passed', 'passed'], 'failed', ['passed', 'failed']);
  expect(countTests(report, [], false)).toEqual({ passed: 3, failed: 1, skipped: 0, skips: [] });
});

test('skipped tests are listed by their announcements', () => {
  const report = reportOf('passed', ['passed', 'skipped', 'skipped']);
  expect(countTests(report, [announcement], true)).toEqual({
    passed: 1,
    failed: 0,
    skipped: 2,
    skips: [announcement],
  });
});

test('skipped tests without an announcement are listed by name', () => {
  const { skipped, skips } = countTests(reportOf('passed', ['passed', 'skipped', 'todo']), [], true);
  expect({ skipped, skips }).toEqual({ skipped: 2, skips: ['a.test.ts: test 1', 'a.test.ts: test 2'] });
});

test('an announcement counts as skipped even if no test was skipped', () => {
  expect(countTests(reportOf('passed', ['passed']), [announcement], true)).toMatchObject({
    passed: 1,
    skipped: 1,
  });
});

test('a file that fails as a whole is one failure, and its other tests do not count as skipped', () => {
  const report = reportOf('failed', ['skipped', 'skipped'], 'failed', []);
  expect(countTests(report, [], false)).toEqual({ passed: 0, failed: 2, skipped: 0, skips: [] });
});

test('a run without a report is one failure', () => {
  expect(countTests(undefined, [], false)).toEqual({ passed: 0, failed: 1, skipped: 0, skips: [] });
});

test('a run with a bad exit code is one failure, even if all tests passed', () => {
  expect(countTests(reportOf('passed', ['passed']), [], false)).toMatchObject({ passed: 1, failed: 1 });
});

/** A report of the files a.test.ts, b.test.ts, …: the status of each file, then the statuses of its tests. */
function reportOf(...files: readonly ('passed' | 'failed' | readonly string[])[]): Report {
  const testResults = files.flatMap((status, index) => {
    const tests = files[index + 1];
    if (typeof status !== 'string' || typeof tests === 'string' || tests === undefined) return [];
    return {
      name: join(root, `${'abc'[index / 2]}.test.ts`),
      status,
      assertionResults: tests.map((result, number) => ({ fullName: `test ${number}`, status: result })),
    };
  });
  return { testResults };
}
