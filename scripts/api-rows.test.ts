import { describe, expect, test, vi } from 'vitest';
import { checkApiRows, readApiRows } from './api-rows.ts';
import type { Report } from './run-vitest.ts';
import { root } from './tool.ts';

const PAGE = [
  '# APIs',
  '| what the API says | shown by |',
  '|---|---|',
  '| empty body \\| none | `src/a.test.ts` `` says EOF `` |',
  '| a name with `ticks` | `src/a.test.ts` `` takes `x` `` |',
].join('\n');

function reportOf(...tests: readonly (readonly [string, string])[]): Report {
  const assertionResults = tests.map(([fullName, status]) => ({ fullName, status }));
  return { testResults: [{ name: `${root}/src/a.test.ts`, status: 'passed', assertionResults }] };
}

function check(page: string, report: Report) {
  const lines: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation(line => void lines.push(String(line)));
  const result = checkApiRows(page, report);
  log.mockRestore();
  return { passed: result.passed, failed: result.failed, skipped: result.skipped, lines };
}

describe('docs/apis.md', () => {
  test('has rows of a sentence and a test', () => {
    expect(readApiRows(PAGE)).toEqual({
      rows: [
        { says: 'empty body | none', file: 'src/a.test.ts', test: 'says EOF' },
        { says: 'a name with `ticks`', file: 'src/a.test.ts', test: 'takes `x`' },
      ],
      odd: [],
    });
  });

  test('is right when every row has a test that passed', () => {
    const report = reportOf(['the dialect says EOF', 'passed'], ['the dialect takes `x`', 'passed']);
    expect(check(PAGE, report)).toEqual({ passed: 2, failed: 0, skipped: 0, lines: [] });
  });

  test('is right about a test that only one of the runs of its file has', () => {
    const [one, other] = [reportOf(['says EOF', 'passed']), reportOf(['takes `x`', 'passed'])];
    const report = { testResults: [...one.testResults, ...other.testResults] };
    expect(check(PAGE, report)).toMatchObject({ passed: 2, failed: 0 });
  });

  test('is wrong about a test that is missing, and about one that failed', () => {
    const { passed, failed, skipped, lines } = check(PAGE, reportOf(['says EOF', 'failed']));
    expect([passed, failed, skipped]).toEqual([0, 2, 0]);
    expect(lines[0]).toContain('empty body | none: no test that passed in src/a.test.ts is named "says EOF"');
  });

  test('counts a row whose test was skipped as skipped, which CI does not let pass', () => {
    const { passed, failed, skipped } = check(
      PAGE,
      reportOf(['says EOF', 'pending'], ['takes `x`', 'passed']),
    );
    expect([passed, failed, skipped]).toEqual([1, 0, 1]);
  });

  test('is wrong when a line cannot be read, or when it has no row', () => {
    expect(
      check(`${PAGE}\n| half a row |`, reportOf(['says EOF', 'passed'], ['takes `x`', 'passed'])).failed,
    ).toBe(1);
    expect(check('# APIs', reportOf()).failed).toBe(1);
  });
});
