import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createSealing } from './sealing.ts';
import { assertOpensSecrets, loadSecretKeys, SECRET_KEY_FILE, writeSecretKeys } from './secret-keys.ts';

let folder: string;
beforeEach(() => {
  const path = mkdtempSync(join(tmpdir(), 'postern-secret-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  folder = path;
});

describe('loadSecretKeys', () => {
  it('creates a key file that only its owner can read, and reads it at the next start', () => {
    const file = join(folder, SECRET_KEY_FILE);
    const made = loadSecretKeys(undefined, folder, randomBytes);
    expect(made).toEqual({ keys: [expect.any(Buffer)], file });
    expect(made.keys[0]).toHaveLength(32);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(loadSecretKeys(undefined, folder, randomBytes)).toEqual(made);
  });

  it('reads the written keys, the newest first, from a file that stays private', () => {
    const { file = '' } = loadSecretKeys(undefined, folder, randomBytes);
    const keys = [randomBytes(32), randomBytes(32)];
    writeSecretKeys(file, keys);
    expect(loadSecretKeys(undefined, folder, randomBytes)).toEqual({ keys, file });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('accepts a configured key in base64 or hex, and creates no file', () => {
    const key = Buffer.alloc(32, 200);
    for (const text of [key.toString('base64'), key.toString('base64url'), key.toString('hex')]) {
      expect(loadSecretKeys(text, folder, randomBytes)).toEqual({ keys: [key] });
    }
    expect(() => readFileSync(join(folder, SECRET_KEY_FILE))).toThrow(/ENOENT/);
  });

  it('accepts several configured keys, separated by commas or line ends', () => {
    const keys = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    for (const separator of [',', ', ', '\n']) {
      const text = keys.map(key => key.toString('hex')).join(separator);
      expect(loadSecretKeys(text, folder, randomBytes)).toEqual({ keys });
    }
  });

  it('refuses a list with an invalid key, and shows no key in the error', () => {
    const good = Buffer.alloc(32, 1).toString('hex');
    for (const text of ['canary', `${good},canary`, `canary,${good}`, ' ', ',']) {
      const load = () => loadSecretKeys(text, folder, randomBytes);
      expect(load).toThrow(/does not hold 32 bytes/);
      expect(load).not.toThrow(new RegExp(`canary|${good}`));
    }
  });

  it('refuses a damaged key file, and does not show its content', () => {
    writeFileSync(join(folder, SECRET_KEY_FILE), 'canary\n');
    const load = () => loadSecretKeys(undefined, folder, randomBytes);
    expect(load).toThrow(/does not hold 32 bytes/);
    expect(load).not.toThrow(/canary/);
  });
});

describe('assertOpensSecrets', () => {
  it('accepts keys that open every secret, and an empty list of secrets', () => {
    const sealing = createSealing([randomBytes(32)], randomBytes);
    assertOpensSecrets(sealing, []);
    assertOpensSecrets(sealing, [
      { row: 'provider:1', sealed: sealing.seal('canary', 'provider:1') },
      { row: 'webhook:1', sealed: sealing.seal('canary', 'webhook:1') },
    ]);
  });

  it('refuses a key that opens no secret, and a secret of another row', () => {
    const sealed = createSealing([randomBytes(32)], randomBytes).seal('canary', 'provider:1');
    const other = createSealing([randomBytes(32)], randomBytes);
    const secrets = [{ row: 'provider:1', sealed }];
    expect(() => assertOpensSecrets(other, secrets)).toThrow(/sealed with another key/);
    const moved = { row: 'provider:2', sealed: other.seal('canary', 'provider:1') };
    expect(() => assertOpensSecrets(other, [moved])).toThrow(/another row/);
  });
});
