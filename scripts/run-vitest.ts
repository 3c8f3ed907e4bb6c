import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { skipsVariable } from '../test/helpers/programs/outside.ts';
import type { StepResult } from './summary.ts';
import { installed, root, runTool } from './tool.ts';

/** The parts of the report of Vitest's JSON reporter that are used here. */
export interface Report {
  readonly testResults: readonly FileReport[];
}

/** A run that hangs is killed. All tests need far less, even on a slow machine. */
const RUN_MS = 4 * 60 * 60_000;

interface FileReport {
  /** Its path. */
  readonly name: string;
  /** `failed` also if a hook failed or the file could not be loaded. */
  readonly status: 'passed' | 'failed';
  readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
}

/** A pattern that matches no name. */
const NO_TEST = '(?!)';

/**
 * Runs Vitest and shows its output. `args` are those of its command line; without any, all tests run, and `review` checks
 * their report.
 */
export async function runVitest(
  args: readonly string[],
  review: (report: Report) => StepResult,
): Promise<readonly StepResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-test-'));
  const [reportFile, skipsFile] = [join(folder, 'report.json'), join(folder, 'skips')];
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
    if (args.length === 0) reporters.push(`--reporter=${join(import.meta.dirname, 'slowest-files.ts')}`);
    const end = await runTool(installed('vitest'), ['run', ...reporters, ...args], {
      timeoutMs: RUN_MS,
      output: 'show',
      env: { [skipsVariable]: skipsFile },
    });
    if (end.output !== '') console.log(end.output);
    const announced = readLines(skipsFile);
    const report = readReport(reportFile);
    const counted = countTests(report, announced, end.isGood);
    // With chosen files, the other tests do not count as skipped.
    if (args.length > 0) return [{ ...counted, skipped: announced.length, skips: announced }];
    return report === undefined ? [counted] : [counted, review(report)];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The names of all tests with the first engine. It runs none of them. */
export async function nameTests(): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-names-'));
  const reportFile = join(folder, 'report.json');
  try {
    const args = ['run', '--project=unit', '--project=e2e', `--testNamePattern=${NO_TEST}`];
    const reporter = ['--reporter=json', `--outputFile.json=${reportFile}`];
    const end = await runTool(installed('vitest'), [...args, ...reporter], {
      timeoutMs: RUN_MS,
      output: 'keep',
    });
    const report = readReport(reportFile);
    if (report === undefined) throw new Error(`Vitest printed no report:\n${end.output}`);
    return report;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Counts the tests of a report. A missing report counts as one failure, and so does a bad exit code without a failed test. */
export function countTests(
  report: Report | undefined,
  announced: readonly string[],
  isGood: boolean,
): StepResult {
  const files = report?.testResults ?? [];
  // A test that did not run because its file failed does not count as skipped.
  const notRun = files.filter(file => file.status === 'passed').flatMap(file => testsOf(file, hasNotRun));
  const failed = sum(files.map(failuresOf));
  // Announcements replace the names of the tests that they explain. Without announcements, the tests are named.
  const skips = announced.length > 0 ? announced : notRun;
  return {
    passed: sum(files.map(file => testsOf(file, status => status === 'passed').length)),
    failed: isGood ? failed : Math.max(failed, 1),
    skipped: Math.max(notRun.length, skips.length),
    skips,
  };
}

function failuresOf(file: FileReport): number {
  const failed = testsOf(file, status => status === 'failed').length;
  return file.status === 'failed' ? Math.max(failed, 1) : failed;
}

function testsOf(file: FileReport, isWanted: (status: string) => boolean): readonly string[] {
  return file.assertionResults
    .filter(({ status }) => isWanted(status))
    .map(({ fullName }) => `${relative(root, file.name)}: ${fullName}`);
}

function hasNotRun(status: string): boolean {
  return status !== 'passed' && status !== 'failed';
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function readReport(path: string): Report | undefined {
  const text = readIfThere(path);
  return text === '' ? undefined : (JSON.parse(text) as Report);
}

function readLines(path: string): readonly string[] {
  return [...new Set(readIfThere(path).split('\n'))].filter(line => line !== '').sort();
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
