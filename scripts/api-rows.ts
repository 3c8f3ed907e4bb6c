import { relative } from 'node:path';
import type { Report } from './run-vitest.ts';
import type { StepResult } from './tally.ts';
import { root } from './tool.ts';

/** One sentence about an API, and the test that shows it. */
export interface ApiRow {
  readonly says: string;
  /** Path of the test file from the repository's root. */
  readonly file: string;
  /** What the full name of the test ends with, as whole words. */
  readonly test: string;
}

const ROW = /^\| (.+) \| `([^`]+\.test\.ts)` `` (.+) `` \|$/;
const FRAME = /^\|(?:---|[^`]*\| shown by \|)/;

/** The rows of docs/apis.md; a table line that is none is given back as a problem. */
export function readApiRows(page: string): {
  readonly rows: readonly ApiRow[];
  readonly odd: readonly string[];
} {
  const lines = page.split('\n').filter(line => line.startsWith('|') && !FRAME.test(line));
  const rows = lines.flatMap(line => {
    const [, says = '', file = '', test = ''] = ROW.exec(line) ?? [];
    return file === '' ? [] : [{ says: says.replaceAll('\\|', '|'), file, test }];
  });
  return { rows, odd: lines.filter(line => !ROW.test(line)) };
}

/** Holds the page against what ran: every row must have a test that passed. */
export function checkApiRows(page: string, report: Report): StepResult {
  const { rows, odd } = readApiRows(page);
  const passed = new Map<string, readonly string[]>();
  for (const { name, assertionResults } of report.testResults) {
    const names = assertionResults
      .filter(({ status }) => status === 'passed')
      .map(({ fullName }) => fullName);
    passed.set(relative(root, name), names);
  }
  const missing = rows.filter(
    ({ file, test }) => !passed.get(file)?.some(name => ` ${name}`.endsWith(` ${test}`)),
  );
  for (const line of odd) console.log(`✗ docs/apis.md: not a row: ${line}`);
  for (const { says, file, test } of missing) {
    console.log(`✗ docs/apis.md: ${says}: no test that passed in ${file} is named ${JSON.stringify(test)}`);
  }
  const failed = missing.length + odd.length + (rows.length === 0 ? 1 : 0);
  return { passed: rows.length - missing.length, failed, skipped: 0, skips: [] };
}
