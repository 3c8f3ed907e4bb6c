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

/** Holds the page against what ran: every row must have a test that passed; one that was skipped counts as skipped. */
export function checkApiRows(page: string, report: Report): StepResult {
  const { rows, odd } = readApiRows(page);
  const statusOf = statuses(report);
  const missing = rows.filter(row => statusOf(row) === 'missing');
  const skipped = rows.filter(row => statusOf(row) === 'skipped').length;
  for (const line of odd) console.log(`✗ docs/apis.md: not a row: ${line}`);
  for (const { says, file, test } of missing) {
    console.log(`✗ docs/apis.md: ${says}: no test that passed in ${file} is named ${JSON.stringify(test)}`);
  }
  const failed = missing.length + odd.length + (rows.length === 0 ? 1 : 0);
  return { passed: rows.length - missing.length - skipped, failed, skipped, skips: [] };
}

/** What became of the test of a row. */
function statuses(report: Report): (row: ApiRow) => 'passed' | 'skipped' | 'missing' {
  // A file that runs with both engines is reported twice.
  const byFile = Map.groupBy(report.testResults, file => relative(root, file.name));
  return ({ file, test }) => {
    const results = (byFile.get(file) ?? []).flatMap(({ assertionResults }) => assertionResults);
    const named = results.filter(({ fullName }) => ` ${fullName}`.endsWith(` ${test}`));
    if (named.some(({ status }) => status === 'passed')) return 'passed';
    const isSkipped = named.length > 0 && named.every(({ status }) => status !== 'failed');
    return isSkipped ? 'skipped' : 'missing';
  };
}
