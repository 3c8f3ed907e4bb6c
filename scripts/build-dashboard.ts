// npm run build:dashboard: builds dashboard/dist, which the gate serves at `/`. Part of `npm ci`.
import { existsSync } from 'node:fs';
import { installed, runTool } from './tool.ts';

if (existsSync(installed('vite'))) {
  const built = await runTool(installed('vite'), ['build', 'dashboard', '--logLevel', 'warn'], {
    timeoutMs: 5 * 60_000,
    output: 'show',
  });
  process.exitCode = built.isGood ? 0 : 1;
} else {
  console.log('The dashboard is not built: npm left out the development dependencies that build it.');
}
