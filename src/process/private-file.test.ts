import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { readIfThere, readOrMake, writePrivate } from './private-file.ts';

let folder: string;
beforeEach(() => {
  const path = mkdtempSync(join(tmpdir(), 'postern-private-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  folder = path;
});

describe('writePrivate', () => {
  it('replaces a readable file by one with mode 0600 and leaves no other file beside it', () => {
    const path = join(folder, 'secret');
    writeFileSync(path, 'old', { mode: 0o644 });
    writePrivate(path, 'new');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readIfThere(path)).toBe('new');
    expect(readdirSync(folder)).toEqual(['secret']);
  });
});

describe('readOrMake', () => {
  it('creates the text only once', () => {
    const path = join(folder, 'token');
    expect(readOrMake(path, () => 'first')).toBe('first');
    expect(readOrMake(path, () => 'second')).toBe('first');
  });
});

describe('readIfThere', () => {
  it('returns undefined when the file does not exist, and throws when it cannot be read', () => {
    expect(readIfThere(join(folder, 'nothing'))).toBeUndefined();
    expect(() => readIfThere(folder)).toThrow(/EISDIR/);
  });
});
