// npm run build:dashboard: builds dashboard/dist, which the gate serves at `/`. Part of `npm ci`.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { installed, root, runTool } from './tool.ts';

const DIST = join(root, 'dashboard', 'dist');
const TEXTS = ['.html', '.js', '.css', '.svg'];

if (existsSync(installed('vite'))) {
  const built = await runTool(installed('vite'), ['build', 'dashboard', '--logLevel', 'warn'], {
    timeoutMs: 5 * 60_000,
    output: 'show',
  });
  if (built.isGood) compress();
  process.exitCode = built.isGood ? 0 : 1;
} else {
  console.log('The dashboard is not built, because the development dependencies are not installed.');
}

/** Writes a compressed copy of every text file, so that a gate does not compress them at its start. */
function compress(): void {
  const names = readdirSync(DIST, { recursive: true, encoding: 'utf8' });
  for (const name of names.filter(each => TEXTS.includes(extname(each)))) {
    const text = readFileSync(join(DIST, name));
    writeFileSync(join(DIST, `${name}.br`), brotliCompressSync(text));
    writeFileSync(join(DIST, `${name}.gz`), gzipSync(text, { level: 9 }));
  }
}
