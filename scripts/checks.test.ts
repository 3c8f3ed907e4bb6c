import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runProgram } from '../test/helpers/programs/program.ts';
import { checks } from './checks.ts';

const runCheck = (...args: readonly string[]) =>
  runProgram(process.execPath, [join(import.meta.dirname, 'check.ts'), ...args]);

test.each(checks)('the tool of the check "$name" is there', ({ script }) => {
  expect(existsSync(script)).toBe(true);
});

test('npm run check -- WORD runs the checks with that word in their name, and prints the sum', async () => {
  const { code, stdout } = await runCheck('import');
  expect(stdout).toMatch(/^✓ import direction +[\d.]+ s\n1 passed, 0 failed\n$/);
  expect(code).toBe(0);
});

test('npm run check -- WORD with an unknown word lists all checks', async () => {
  const { code, stdout } = await runCheck('spelling');
  expect(stdout).toContain('There is no check "spelling". The checks are: format and lint, types,');
  expect(code).toBe(2);
});
