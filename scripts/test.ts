// npm test: all that shows whether the repository is right, ending with the line `N passed, N failed`.
// npm test -- FILES: those tests alone; what follows the dashes is as on Vitest's command line.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { checkApiRows } from './api-rows.ts';
import { checks, runChecks } from './checks.ts';
import { type Report, runVitest } from './run-vitest.ts';
import { type StepResult, summarise } from './tally.ts';
import { root } from './tool.ts';

const vitestArgs = process.argv.slice(2);
const results: StepResult[] = [];
if (vitestArgs.length === 0) results.push(...(await runChecks(checks, availableParallelism())));
results.push(...(await runVitest(vitestArgs, reviewApis)));

const { lines, exitCode } = summarise(results, process.env['CI'] !== 'true');
for (const line of lines) console.log(line);
process.exitCode = exitCode;

/** Whether every row of docs/apis.md has a test that passed. */
function reviewApis(report: Report): StepResult {
  const result = checkApiRows(readFileSync(join(root, 'docs', 'apis.md'), 'utf8'), report);
  console.log(
    `${result.failed === 0 ? '✓' : '✗'} docs/apis.md: ${result.passed} rows have a test that passed`,
  );
  return result;
}
