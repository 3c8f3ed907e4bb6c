import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { SmtpProvider } from '../core/provider.ts';
import { createSealing } from './sealing.ts';
import { assertOpensAll, loadSecretKey, SECRET_KEY_FILE } from './secret-keys.ts';

let folder: string;
beforeEach(() => {
  const path = mkdtempSync(join(tmpdir(), 'postern-secret-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  folder = path;
});

describe('loadSecretKey', () => {
  it('makes a key file that only its owner reads, and finds it again', () => {
    const made = loadSecretKey(undefined, folder, randomBytes);
    expect(made).toHaveLength(32);
    expect(statSync(join(folder, SECRET_KEY_FILE)).mode & 0o777).toBe(0o600);
    expect(loadSecretKey(undefined, folder, randomBytes)).toEqual(made);
  });

  it('takes a configured key, in base64 or hex, and leaves no file', () => {
    const key = Buffer.alloc(32, 200);
    for (const text of [key.toString('base64'), key.toString('base64url'), key.toString('hex')]) {
      expect(loadSecretKey(text, folder, randomBytes)).toEqual(key);
    }
    expect(() => readFileSync(join(folder, SECRET_KEY_FILE))).toThrow(/ENOENT/);
  });

  it('refuses a key file that was damaged, without showing it', () => {
    writeFileSync(join(folder, SECRET_KEY_FILE), 'canary\n');
    const load = () => loadSecretKey(undefined, folder, randomBytes);
    expect(load).toThrow(/does not hold 32 bytes/);
    expect(load).not.toThrow(/canary/);
  });
});

describe('assertOpensAll', () => {
  const provider: Omit<SmtpProvider, 'sealedPassword'> = {
    id: 1,
    kind: 'smtp',
    caption: null,
    isEnabled: true,
    priority: 10,
    senderDomains: [],
    maxRecipientsPerMessage: 100,
    sendFrom: '',
    sendFromName: '',
    createdAt: 0,
    updatedAt: null,
    host: 'mail.example',
    port: 25,
    encryption: 'tls',
    username: 'bob',
    maxConnections: 1,
  };
  const rowOf = ({ id }: { id: number }) => `provider:${id}`;

  it('is content when every password opens, and with providers that have none', () => {
    const sealing = createSealing([randomBytes(32)], randomBytes);
    const sealedPassword = sealing.seal('canary', 'provider:1');
    assertOpensAll(
      sealing,
      [
        { ...provider, sealedPassword },
        { ...provider, id: 2, sealedPassword: '' },
      ],
      rowOf,
    );
  });

  it('refuses another key', () => {
    const sealedPassword = createSealing([randomBytes(32)], randomBytes).seal('canary', 'provider:1');
    const other = createSealing([randomBytes(32)], randomBytes);
    expect(() => assertOpensAll(other, [{ ...provider, sealedPassword }], rowOf)).toThrow(
      /sealed with another key/,
    );
  });
});
