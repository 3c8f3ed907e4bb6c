import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runProgram } from '../test/helpers/programs/program.ts';

/** Runs the check in a folder with the files of this test. */
function checkWords(files: Readonly<Record<string, string>>, ...args: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'postern-words-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return runProgram(process.execPath, [join(import.meta.dirname, 'check-words.ts'), ...args], {
    cwd: folder,
  });
}

const FILES = {
  'docs/data/a.md': 'All is well.\nIt shall work.\n',
  'src/core/b.ts': '// It shall work, and begin anew.\n',
  'src/c.ts': '// It shall work.\n',
  'node_modules/d.md': 'It shall work.',
  'data/e.md': 'It shall work.',
};

test('npm run words prints each banned word with its replacement, and its exit code is 1', async () => {
  const { code, stdout } = await checkWords(FILES);
  expect(stdout.trimEnd().split('\n').sort()).toEqual([
    'docs/data/a.md:2 shall -> must, or the present tense',
    'src/c.ts:1 shall -> must, or the present tense',
    'src/core/b.ts:1 anew -> again, from the beginning',
    'src/core/b.ts:1 shall -> must, or the present tense',
  ]);
  expect(code).toBe(1);
});

test('npm run words -- --count prints the number for each folder', async () => {
  const { stdout } = await checkWords(FILES, '--count');
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map(line => line.trim()),
  ).toEqual(['1 docs', '1 src', '2 src/core', '4 in total']);
});

test('npm run words -- PATH reads only files below PATH', async () => {
  const { stdout } = await checkWords(FILES, 'src/c');
  expect(stdout.split('\n')).toHaveLength(4);
});

test('npm run words prints nothing without banned words, and its exit code is 0', async () => {
  expect(await checkWords({ 'docs/a.md': 'All is well.' })).toMatchObject({ code: 0, stdout: '' });
});
