// npm run words -- [--count] [PATH…]: finds the words of banned-words.ts in comments, strings, names and documents.
// --count prints the number for each folder. PATH: only files whose path begins with it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Finding, findBannedWords } from './find-banned-words.ts';
import { listFiles } from './list-files.ts';

/** They contain the banned words on purpose. */
const OWN_FILES = ['banned-words.ts', 'find-banned-words.test.ts', 'check-words.test.ts'].map(
  name => `scripts/${name}`,
);

/** npm and `npm test` start this script in the root of the repository. */
const root = process.cwd();
const args = process.argv.slice(2);
const isCount = args.includes('--count');
const prefixes = args.filter(arg => !arg.startsWith('-'));

const findings = listFiles(root)
  .filter(path => !OWN_FILES.includes(path))
  .filter(path => prefixes.length === 0 || prefixes.some(prefix => path.startsWith(prefix)))
  .flatMap(path => findBannedWords(path, readFileSync(join(root, path), 'utf8')));

for (const line of isCount ? countLines(findings) : findings.map(lineOf)) console.log(line);
process.exitCode = findings.length === 0 ? 0 : 1;

function lineOf({ path, line, word, better }: Finding): string {
  return `${path}:${line} ${word} -> ${better}`;
}

/** One line for each folder, then the total. */
function countLines(found: readonly Finding[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { path } of found) counts.set(folderOf(path), (counts.get(folderOf(path)) ?? 0) + 1);
  const lines = [...counts].sort().map(([folder, count]) => `${String(count).padStart(6)} ${folder}`);
  return [...lines, `${String(found.length).padStart(6)} in total`];
}

/** `src/core` for files in src, otherwise the first folder; a dot for files in the root. */
function folderOf(path: string): string {
  const [first = '', second = '', ...rest] = path.split('/');
  if (first === path) return '.';
  return first === 'src' && rest.length > 0 ? `src/${second}` : first;
}
