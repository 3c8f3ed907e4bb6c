// npm run build: compiles src to dist, as the package needs it: Node refuses TypeScript under node_modules.
import { cpSync, rmSync } from 'node:fs';
import { extname, join } from 'node:path';
import { installed, root, runTool } from './tool.ts';

/** Files that the program reads beside its code, such as the migrations of a storage engine. */
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
