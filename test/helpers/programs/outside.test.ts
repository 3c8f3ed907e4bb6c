import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findProgram, needs, skipsVariable } from './outside.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-outside-'));
  vi.stubEnv('PATH', folder);
  vi.stubEnv(skipsVariable, join(folder, 'skips'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

test('a program in PATH is found, a file that cannot be run is not', () => {
  put('python3', 0o644);
  expect(findProgram('python3')).toBeUndefined();
  put('python3', 0o755);
  expect(findProgram('python3')).toBe(join(folder, 'python3'));
});

test('what is there is needed in silence', () => {
  put('python3', 0o755);
  expect(needs('a second opinion', 'python3')).toBe(true);
  expect(() => readFileSync(join(folder, 'skips'))).toThrow('ENOENT');
});

test('what is missing is announced, with the packages that have it', () => {
  put('python3', 0o755);
  expect(needs('the order of system calls', 'python3', 'strace', 'openssl')).toBe(false);
  expect(readFileSync(join(folder, 'skips'), 'utf8')).toBe(
    'the order of system calls: no strace, openssl here; to have it: apt-get install strace openssl\n',
  );
});

function put(program: string, mode: number): void {
  writeFileSync(join(folder, program), '');
  chmodSync(join(folder, program), mode);
}
