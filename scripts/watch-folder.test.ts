import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { watchFolder } from './watch-folder.ts';

function startWatch(files: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'postern-watch-'));
  const write = (path: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), String(performance.now()));
  };
  for (const file of files) write(file);
  const watch = watchFolder(folder, path => path.endsWith('.ts'));
  onTestFinished(() => {
    watch.close();
    rmSync(folder, { recursive: true });
  });
  const replace = (path: string) => {
    write(`${path}~`);
    renameSync(join(folder, `${path}~`), join(folder, path));
  };
  return { ...watch, write, replace };
}

test('a written file is reported by its path', async () => {
  const { nextChange, write } = startWatch(['a/b/one.ts']);
  const change = nextChange();
  write('a/b/one.ts');
  expect(await change).toBe('a/b/one.ts');
});

test('a file that an editor replaces is reported each time', async () => {
  const { nextChange, replace } = startWatch(['a/one.ts']);
  for (let time = 0; time < 3; time += 1) {
    const change = nextChange();
    replace('a/one.ts');
    expect(await change).toBe('a/one.ts');
  }
});

test('a file in a new directory is reported when it is created and when it changes', async () => {
  const { nextChange, write } = startWatch(['one.ts']);
  for (let time = 0; time < 2; time += 1) {
    const change = nextChange();
    write('new/two.ts');
    expect(await change).toBe('new/two.ts');
  }
});

test('an unwanted file is not reported', async () => {
  const { nextChange, write } = startWatch(['one.ts', 'notes.md']);
  const change = nextChange();
  write('notes.md');
  write('one.ts');
  expect(await change).toBe('one.ts');
});
