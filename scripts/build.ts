// npm run build: compiles src to dist for the package, because Node does not run TypeScript in node_modules.
import { cpSync, rmSync } from 'node:fs';
import { extname, join } from 'node:path';
import { installed, root, runTool } from './tool.ts';

/** Types of files that the program reads from its source folders, such as migrations. */
const assets = ['.sql', '.html', '.css', '.svg', '.json'];

const [source, target] = [join(root, 'src'), join(root, 'dist')];

rmSync(target, { recursive: true, force: true });
const compiled = await runTool(installed('tsc'), ['-p', 'tsconfig.build.json'], {
  timeoutMs: 5 * 60_000,
  output: 'show',
});
cpSync(source, target, {
  recursive: true,
  filter: path => extname(path) === '' || assets.includes(extname(path)),
});
process.exitCode = compiled.isGood ? 0 : 1;
