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
  it('writes a file that only its owner reads, also over one that others could read, and leaves nothing beside it', () => {
    const path = join(folder, 'secret');
    writeFileSync(path, 'old', { mode: 0o644 });
    writePrivate(path, 'new');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readIfThere(path)).toBe('new');
    expect(readdirSync(folder)).toEqual(['secret']);
  });
});

describe('readOrMake', () => {
  it('makes the text once', () => {
    const path = join(folder, 'token');
    expect(readOrMake(path, () => 'first')).toBe('first');
    expect(readOrMake(path, () => 'second')).toBe('first');
  });
});

describe('readIfThere', () => {
  it('says that a file is not there, and throws when it cannot be read', () => {
    expect(readIfThere(join(folder, 'nothing'))).toBeUndefined();
    expect(() => readIfThere(folder)).toThrow(/EISDIR/);
  });
});
