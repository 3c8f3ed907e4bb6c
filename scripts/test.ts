// npm test: runs all checks and tests. The last line is `N passed, N failed`.
// npm test -- FILES: runs only those tests. The arguments are those of Vitest.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { checkRegister, REGISTER } from './api-register.ts';
import { readApiPages } from './api-rules.ts';
import { checks, runChecks } from './checks.ts';
import { type Report, runVitest } from './run-vitest.ts';
import { type StepResult, summarise } from './summary.ts';
import { root } from './tool.ts';

const vitestArgs = process.argv.slice(2);
const results: StepResult[] = [];
if (vitestArgs.length === 0) results.push(...(await runChecks(checks, availableParallelism())));
results.push(...(await runVitest(vitestArgs, reviewApis)));

const { lines, exitCode } = summarise(results, process.env['CI'] !== 'true');
for (const line of lines) console.log(line);
process.exitCode = exitCode;

/** Checks that every rule of docs/apis/ has tests, and that all of them passed. */
function reviewApis(report: Report): StepResult {
  const result = checkRegister(readApiPages(), report, readFileSync(join(root, REGISTER), 'utf8'));
  console.log(`${result.failed === 0 ? '✓' : '✗'} docs/apis: ${result.passed} rules have tests that passed`);
  return result;
}
