// npm test: all that shows whether the repository is right, ending with the line `N passed, N failed`.
// npm test -- FILES: those tests alone; what follows the dashes is as on Vitest's command line.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { checkRegister, REGISTER } from './api-register.ts';
import { readApiPages } from './api-rules.ts';
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

/** Whether every rule of docs/apis/ has a test that passed. */
function reviewApis(report: Report): StepResult {
  const result = checkRegister(readApiPages(), report, readFileSync(join(root, REGISTER), 'utf8'));
  console.log(`${result.failed === 0 ? '✓' : '✗'} docs/apis: ${result.passed} rules have tests that passed`);
  return result;
}
