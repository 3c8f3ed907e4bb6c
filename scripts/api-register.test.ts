import { describe, expect, test, vi } from 'vitest';
import { checkRegister, printRegister } from './api-register.ts';
import type { Report } from './run-vitest.ts';
import { root } from './tool.ts';

const PAGES = [
  {
    name: 'mail.md',
    text: '## Errors\n- Empty: `EOF` <!-- test: dialect says EOF -->\n- Cut: `EOF` <!-- test: says `EOF`, too + says EOF | twice -->',
  },
];
const TESTS = ['the dialect says EOF', 'the dialect says `EOF`, too', 'the dialect says EOF | twice'];

type Result = readonly [fullName: string, status: string];

function reportOf(...results: readonly Result[]): Report {
  const assertionResults = results.map(([fullName, status]) => ({ fullName, status }));
  return { testResults: [{ name: `${root}/src/a.test.ts`, status: 'passed', assertionResults }] };
}

const allOf = (status: string) => TESTS.map(name => [name, status] as const);
const registerOf = (report: Report) => printRegister(PAGES, report).text;

function check(report: Report, register = registerOf(report)) {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const { passed, failed, skipped } = checkRegister(PAGES, report, register);
  const lines = log.mock.calls.map(([line]) => String(line));
  log.mockRestore();
  return { passed, failed, skipped, lines };
}

describe('the register', () => {
  test('has a row for each rule, with the tests and their file', () => {
    const text = registerOf(reportOf(...allOf('passed')));
    expect(text).toContain('## [mail.md](../docs/apis/mail.md)\n\n### Errors\n');
    expect(text).toContain('| Empty: `EOF` | `dialect says EOF` in src/a.test.ts |');
    expect(text).toContain(
      '| Cut: `EOF` | `` says `EOF`, too `` in src/a.test.ts<br>`says EOF \\| twice` in src/a.test.ts |',
    );
  });

  test('is the same whether the tests ran or only their names are known', () => {
    expect(registerOf(reportOf(...allOf('skipped')))).toBe(registerOf(reportOf(...allOf('passed'))));
  });

  test('is right when each test of each rule passed', () => {
    expect(check(reportOf(...allOf('passed')))).toEqual({ passed: 2, failed: 0, skipped: 0, lines: [] });
  });

  test('is right about a file that ran with two engines', () => {
    const report = reportOf(...allOf('passed'));
    const twice = { testResults: [...report.testResults, ...report.testResults] };
    expect(check(twice)).toMatchObject({ passed: 2, failed: 0 });
  });

  test('fails when a test failed, with one engine or both', () => {
    const { passed, failed, lines } = check(
      reportOf(...allOf('passed'), ['the dialect says EOF', 'failed'] as const),
    );
    expect([passed, failed]).toEqual([1, 1]);
    expect(lines).toEqual(['✗ docs/apis/mail.md: a test of it failed: Empty: `EOF`']);
  });

  test('counts a rule as skipped when one of its tests was, which CI does not accept', () => {
    const [first, second, third] = TESTS as [string, string, string];
    const report = reportOf([first, 'passed'], [second, 'passed'], [third, 'pending']);
    expect(check(report)).toMatchObject({ passed: 1, failed: 0, skipped: 1 });
  });

  test('fails when a mark names no test', () => {
    const report = reportOf(['the dialect says EOF', 'passed']);
    const { passed, failed, lines } = check(report);
    expect([passed, failed]).toEqual([1, 2]);
    expect(lines[0]).toContain('Cut: `EOF`: no test has a name that ends with "says `EOF`, too"');
    expect(lines[0]).toMatch(/; near it is "the dialect says EOF"$/);
  });

  test('fails when a mark names two tests', () => {
    const report = reportOf(...allOf('passed'), ['another dialect says EOF', 'passed'] as const);
    const { lines } = check(report);
    expect(lines[0]).toContain('Empty: `EOF`: 2 tests have a name that ends with "dialect says EOF"');
  });

  test('fails when it is stale, and says how to print it', () => {
    const { failed, lines } = check(reportOf(...allOf('passed')), 'old');
    expect(failed).toBe(1);
    expect(lines).toEqual(['✗ test/api-register.md is stale: npm run register']);
  });

  test('fails when a rule has no mark, and when there is no rule', () => {
    const report = reportOf(...allOf('passed'));
    const problemsOf = (text: string) => printRegister([{ name: 'a.md', text }], report).problems;
    expect(problemsOf('- A rule.\n- B <!-- test: dialect says EOF -->')).toEqual([
      'docs/apis/a.md: a rule without a test: A rule.',
    ]);
    expect(problemsOf('Prose.')).toEqual(['docs/apis: there is no rule']);
  });
});
