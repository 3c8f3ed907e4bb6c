// npm test: all that shows whether the repository is right, ending with the line `N passed, N failed`.
// npm test -- FILES: those tests alone; what follows the dashes is as on Vitest's command line.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkApiRows } from './api-rows.ts';
import { type Report, runVitest } from './run-vitest.ts';
import { type StepResult, summarise } from './tally.ts';
import { installed, root, runTool } from './tool.ts';

/** A check of the repository's text: a tool that ends well when all is well. */
interface Check {
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
}

const knip = installed('knip');
const checks: readonly Check[] = [
  { name: 'format and lint', script: installed('biome'), args: ['ci', '--colors=off'] },
  { name: 'types', script: installed('tsc'), args: [] },
  { name: 'types of the dashboard', script: installed('tsc'), args: ['-p', 'dashboard'] },
  { name: 'import direction', script: join(import.meta.dirname, 'check-imports.ts'), args: [] },
  { name: 'unused code', script: knip, args: ['--no-progress'] },
  // Files that only their own tests use, and packages that the program would miss where it is installed.
  {
    name: 'unused by the program',
    script: knip,
    args: ['--no-progress', '--production', '--strict', '--files', '--dependencies'],
  },
];

const vitestArgs = process.argv.slice(2);
const results: StepResult[] = [];
for (const check of vitestArgs.length === 0 ? checks : []) results.push(await runCheck(check));
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

async function runCheck({ name, script, args }: Check): Promise<StepResult> {
  const end = await runTool(script, args, { timeoutMs: 5 * 60_000, output: 'keep' });
  console.log(`${end.isGood ? '✓' : '✗'} ${name.padEnd(22)} ${(end.ms / 1000).toFixed(1)} s`);
  if (!end.isGood) console.log(end.output);
  return { passed: end.isGood ? 1 : 0, failed: end.isGood ? 0 : 1, skipped: 0, skips: [] };
}
