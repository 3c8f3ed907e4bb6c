import { join } from 'node:path';
import type { StepResult } from './summary.ts';
import { installed, root, runTool } from './tool.ts';

/** A static check: a tool whose exit code is not 0 if it found a problem. */
export interface Check {
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
}

/** Results of earlier runs, so that a tool checks only changed files. `npm ci` removes them. */
const cache = join(root, 'node_modules', '.cache', 'check');
const knip = installed('knip');

/** The checks of `npm run check` and `npm test`. The slowest ones come first, because several run at the same time. */
export const checks: readonly Check[] = [
  { name: 'format and lint', script: installed('biome'), args: ['ci', '--colors=off'] },
  { name: 'types', script: installed('tsc'), args: typeArgs('.') },
  { name: 'types of the dashboard', script: installed('tsc'), args: typeArgs('dashboard') },
  { name: 'unused code', script: knip, args: unusedArgs('knip') },
  // Finds files that only tests use, and packages that are missing in `dependencies`.
  {
    name: 'unused by the program',
    script: knip,
    args: [...unusedArgs('knip-production'), '--production', '--strict', '--files', '--dependencies'],
  },
  { name: 'import direction', script: join(import.meta.dirname, 'check-imports.ts'), args: [] },
];

function typeArgs(project: string): readonly string[] {
  const info = join(cache, `types-of-${project === '.' ? 'all' : project}.tsbuildinfo`);
  return ['-p', project, '--incremental', '--tsBuildInfoFile', info];
}

function unusedArgs(folder: string): readonly string[] {
  return ['--no-progress', '--cache', '--cache-location', join(cache, folder)];
}

/** A check takes a few seconds. One that hangs is killed. */
const TIMEOUT_MS = 5 * 60_000;

/** Runs checks, `atOnce` at a time. Prints a line for each, and the output of the tool if it fails. */
export async function runChecks(chosen: readonly Check[], atOnce: number): Promise<readonly StepResult[]> {
  const waiting = [...chosen];
  const results: StepResult[] = [];
  const runInTurn = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift())
      results.push(await runCheck(check));
  };
  await Promise.all(Array.from({ length: atOnce }, runInTurn));
  return results;
}

async function runCheck({ name, script, args }: Check): Promise<StepResult> {
  const end = await runTool(script, args, { timeoutMs: TIMEOUT_MS, output: 'keep' });
  console.log(`${end.isGood ? '✓' : '✗'} ${name.padEnd(22)} ${(end.ms / 1000).toFixed(1)} s`);
  if (!end.isGood) console.log(end.output);
  return { passed: end.isGood ? 1 : 0, failed: end.isGood ? 0 : 1, skipped: 0, skips: [] };
}
