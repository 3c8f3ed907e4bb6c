import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { until } from '../test/helpers/gates/gate.ts';
import { startProgram } from '../test/helpers/programs/program.ts';

const passing = (name: string) => `test('${name}', () => expect(1).toBe(1));\n`;

/** Watches FILE in a new folder with `files`, without a configuration of Vitest. */
function startWatch(files: Readonly<Record<string, string>>, ...chosen: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'postern-test-watch-'));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  for (const [name, text] of Object.entries(files)) write(name, text);
  const script = join(import.meta.dirname, 'test-watch.ts');
  const args = [script, ...chosen, '--root', folder, '--globals', '--project=*'];
  const { child, end, stdout } = startProgram(process.execPath, args, { env: { NO_COLOR: '1' } });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await end;
    rmSync(folder, { recursive: true });
  });
  return { write, stdout };
}

test('npm run test:watch -- FILE runs only that file, and runs it again when it changes', async () => {
  const files = { 'a.test.ts': passing('one'), 'b.test.ts': passing('two') };
  const { write, stdout } = startWatch(files, 'a.test.ts');
  await until(() => stdout().includes('Waiting for file changes'), 'the first run');
  expect(stdout()).toContain('✓ a.test.ts (1 test)');
  expect(stdout()).not.toContain('b.test.ts');
  write('a.test.ts', passing('one') + passing('three'));
  await until(() => stdout().includes('✓ a.test.ts (2 tests)'), 'the second run');
});

test('npm run test:watch without FILE waits for a change', async () => {
  const { write, stdout } = startWatch({ 'a.test.ts': passing('one') });
  await until(() => stdout().includes('Waiting for file changes'), 'the watch');
  expect(stdout()).not.toContain('a.test.ts');
  write('a.test.ts', passing('one') + passing('two'));
  await until(() => stdout().includes('✓ a.test.ts (2 tests)'), 'the run');
});
