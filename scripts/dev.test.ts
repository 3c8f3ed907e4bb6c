import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { until } from '../test/helpers/gates/gate.ts';
import { startProgram } from '../test/helpers/programs/program.ts';

/** The data folder of a ready gate contains this file. */
const RUNNING = 'running.json';

test('npm run dev starts a gate with the given flags, and stops it on SIGTERM', async () => {
  const data = mkdtempSync(join(tmpdir(), 'postern-dev-'));
  const flags = ['--json', '--http', '127.0.0.1:0', '--smtp', '127.0.0.1:0', '--data', data];
  const { child, end, stdout } = startProgram(process.execPath, [
    join(import.meta.dirname, 'dev.ts'),
    ...flags,
  ]);
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await end;
    rmSync(data, { recursive: true });
  });

  await until(() => stdout().includes('\n'), 'the gate to listen');
  const { http } = JSON.parse(stdout());
  expect((await fetch(`${http}/readyz`)).status).toBe(200);
  expect(existsSync(join(data, RUNNING))).toBe(true);

  child.kill('SIGTERM');
  const { code, stderr } = await end;
  expect(code).toBe(0);
  expect(stderr).toContain('dev: Stopping.');
  expect(existsSync(join(data, RUNNING))).toBe(false);
  await expect(fetch(`${http}/readyz`)).rejects.toThrow('fetch failed');
});
