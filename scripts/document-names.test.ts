import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './tool.ts';

// Documents name source files by their base names, so that a file can move.

const FOLDERS = ['src', 'scripts', 'test', 'bench', 'dashboard/src'];
const FILE = /`([a-z0-9-]+(?:\.test)?\.(?:ts|tsx|sql))`/g;

const documents = ['docs', 'docs/apis', 'docs/decisions'].flatMap(folder =>
  readdirSync(join(root, folder))
    .filter(name => name.endsWith('.md'))
    .map(name => join(folder, name)),
);
const files = new Set(
  FOLDERS.flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(path => basename(path)),
  ),
);

test.each(documents)('%s names only files that exist', path => {
  const named = [...readFileSync(join(root, path), 'utf8').matchAll(FILE)].map(([, name = '']) => name);
  expect(named.filter(name => !files.has(name))).toEqual([]);
});

const DOCUMENT = /\bdocs\/[\w/-]+\.md\b/g;

test('comments in the code name only documents that exist', () => {
  const named = ['src', 'test', 'bench', 'scripts'].flatMap(folder => [...codeIn(folder).matchAll(DOCUMENT)]);
  const paths = [...new Set(named.map(([path]) => path))];
  expect(paths).toContain('docs/decisions/01-wire-journal.md');
  expect(paths.filter(path => !existsSync(join(root, path)))).toEqual([]);
});

const SYMPTOM = /^\| `([^`]* [^`]*)`/gm;

test('docs/troubleshooting.md quotes only messages that are in the code', () => {
  const text = readFileSync(join(root, 'docs/troubleshooting.md'), 'utf8');
  const quoted = [...text.matchAll(SYMPTOM)].map(([, message = '']) => message);
  expect(quoted.length).toBeGreaterThan(5);
  const parts = quoted.flatMap(message => message.split('…').map(part => part.trim()));
  const code = codeIn('src');
  expect(parts.filter(part => !code.includes(part))).toEqual([]);
});

/** The text of all source files of a folder, without tests. */
function codeIn(folder: string): string {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map(path => readFileSync(join(root, folder, path), 'utf8'))
    .join('\n');
}
