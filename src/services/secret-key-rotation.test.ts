import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { rigOpener } from '../../test/helpers/stores/store-rig.ts';
import { createSqliteHarness } from '../../test/helpers/stores/store-sqlite.ts';
import { createSealing } from '../auth/sealing.ts';
import { assertOpensSecrets, loadSecretKeys, SECRET_KEY_FILE } from '../auth/secret-keys.ts';
import { newAccount, type Principal } from '../core/account.ts';
import type { Registry } from '../store/registry.ts';
import { webhookSecretRow } from './accounts/accounts.ts';
import { draftProvider } from './providers/provider-draft.ts';
import { addProvider } from './providers/providers.ts';
import {
  checkDatabaseKey,
  createSecretHandlers,
  finishRotation,
  listSecrets,
} from './secret-key-rotation.ts';

const openRig = rigOpener(createSqliteHarness);
const SIGNAL = new AbortController().signal;
const OPERATOR: Principal = {
  account: newAccount({ id: 0, name: 'operator', allowedSenders: [], createdAt: 0 }),
  scopes: ['manage'],
  by: 0,
};
const SECRETS = 3;

/** A store with two passwords and a webhook secret. `start` does what a process does with its key file at start. */
async function setUp(configured?: string) {
  const { store } = await openRig();
  const folder = mkdtempSync(join(tmpdir(), 'postern-rotation-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));

  function start(registry: Registry = store.registry, secretKey = configured) {
    const secretKeys = loadSecretKeys(secretKey, folder, randomBytes);
    const sealing = createSealing(secretKeys.keys, randomBytes);
    const context = { registry, audit: store.audit, sealing, secretKeys, random: randomBytes, now: () => 0 };
    const handlers = createSecretHandlers(context);
    return { ...context, rotate: () => handlers.rotateSecretKey(OPERATOR, {}, SIGNAL) };
  }

  const { sealing } = start();
  const context = {
    registry: store.registry,
    sealing,
    now: () => 0,
    newName: () => randomBytes(8).toString('hex'),
  };
  const rules = { allowClearText: ['*'], development: true };
  for (const password of ['canary 1', 'canary 2', '']) {
    const settings = { host: 'mail.example', username: password && 'bob', password };
    await addProvider(context, draftProvider(settings, undefined, rules));
  }
  await addProvider(context, draftProvider({ kind: 'pickup', directory: '/var/pickup' }, undefined, rules));
  for (const hasWebhook of [true, false]) {
    await store.registry.add('account', String(hasWebhook), id => {
      const sealedSecret = sealing.seal('canary 3', webhookSecretRow(id));
      const account = newAccount({ id, name: String(hasWebhook), allowedSenders: [], createdAt: 0 });
      return hasWebhook
        ? { ...account, webhook: { url: 'https://x.example', sealedSecret, events: [] } }
        : account;
    });
  }
  /** Reads the secrets in clear with the keys of a new process. */
  const readAll = async () => {
    const fresh = start();
    return (await listSecrets(store.registry)).map(({ row, sealed }) => fresh.sealing.open(sealed, row));
  };
  const keysInFile = () => readFileSync(join(folder, SECRET_KEY_FILE), 'utf8').trim().split('\n');
  return { registry: store.registry, start, readAll, keysInFile };
}

const CLEAR = ['canary 1', 'canary 2', 'canary 3'];

describe('rotateSecretKey', () => {
  it('seals every secret with a new key, and removes the old key', async () => {
    const { registry, start, readAll, keysInFile } = await setUp();
    const old = start();
    const [oldKey] = keysInFile();
    const before = await listSecrets(registry);
    const { secrets, keyId } = await start().rotate();
    expect(secrets).toBe(SECRETS);
    expect(keyId).not.toBe(old.sealing.keyId());
    expect(keysInFile()).toHaveLength(1);
    expect(keysInFile()).not.toContain(oldKey);
    expect(await readAll()).toEqual(CLEAR);
    expect(() => assertOpensSecrets(start().sealing, before)).toThrow(/another key/);
    expect((await registry.list('provider')).map(provider => provider.updatedAt)).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });

  it('can run twice in one process, which still opens secrets that it read before', async () => {
    const { registry, start, readAll, keysInFile } = await setUp();
    const before = await listSecrets(registry);
    const { rotate, sealing } = start();
    const first = await rotate();
    const second = await rotate();
    expect(second.keyId).not.toBe(first.keyId);
    expect(keysInFile()).toHaveLength(1);
    expect(await readAll()).toEqual(CLEAR);
    assertOpensSecrets(sealing, before);
  });

  it('loses no secret in a crash between any two steps, and the next start completes it', async () => {
    let hasCrashed = true;
    for (let steps = 0; hasCrashed; steps++) {
      const { registry, start, readAll, keysInFile } = await setUp();
      hasCrashed = await start(failingAfter(registry, steps))
        .rotate()
        .then(
          () => false,
          () => true,
        );
      expect(await readAll(), `after ${steps} steps`).toEqual(CLEAR);
      expect(keysInFile()).toHaveLength(hasCrashed ? 2 : 1);
      await finishRotation(start());
      expect(keysInFile()).toHaveLength(1);
      expect(await readAll()).toEqual(CLEAR);
      // First pass: 3 lists to check, 3 lists to change, and 6 rows. Second pass: 3 lists to check.
      if (!hasCrashed) expect(steps).toBe(15);
    }
  });

  it('completes an earlier rotation that a crash interrupted', async () => {
    const { registry, start, readAll, keysInFile } = await setUp();
    const { rotate } = start(failingAfter(registry, 4));
    await expect(rotate()).rejects.toThrow('cut off');
    expect(keysInFile()).toHaveLength(2);
    await expect(start().rotate()).resolves.toMatchObject({ secrets: SECRETS });
    expect(keysInFile()).toHaveLength(1);
    expect(await readAll()).toEqual(CLEAR);
  });

  it('refuses a second rotation while one is in progress', async () => {
    const { start, readAll, keysInFile } = await setUp();
    const { rotate } = start();
    const both = await Promise.allSettled([rotate(), rotate()]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(both[1]).toMatchObject({ reason: { code: 'conflict' } });
    expect(keysInFile()).toHaveLength(1);
    expect(await readAll()).toEqual(CLEAR);
  });

  it('also reseals a secret that is changed during the rotation', async () => {
    const { registry, start, readAll } = await setUp();
    const { rotate, sealing } = start();
    const rotation = rotate();
    const changed = registry.change('provider', 1, provider =>
      provider.kind === 'smtp'
        ? { ...provider, sealedPassword: sealing.seal('canary 9', 'provider:1') }
        : provider,
    );
    await Promise.all([rotation, changed]);
    expect(await readAll()).toEqual(['canary 9', 'canary 2', 'canary 3']);
  });

  it('refuses to replace a configured key, and explains what to do', async () => {
    const { start } = await setUp(randomBytes(32).toString('hex'));
    await expect(start().rotate()).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('secretKey: NEW,OLD'),
    });
  });

  it('reseals everything with the first of several configured keys', async () => {
    const old = randomBytes(32).toString('hex');
    const { registry, start } = await setUp(old);
    const next = randomBytes(32).toString('base64');
    await expect(start(registry, `${next},${old}`).rotate()).resolves.toMatchObject({ secrets: SECRETS });
    const { sealing } = start(registry, next);
    expect((await listSecrets(registry)).map(({ row, sealed }) => sealing.open(sealed, row))).toEqual(CLEAR);
  });
});

/** A registry that throws after this many calls, as if the process had ended. */
function failingAfter(registry: Registry, calls: number): Registry {
  let left = calls;
  const countCall = (): void => {
    if (left-- <= 0) throw new Error('cut off');
  };
  return {
    ...registry,
    async list(kind) {
      countCall();
      return registry.list(kind);
    },
    async change(kind, id, change) {
      countCall();
      return registry.change(kind, id, change);
    },
  };
}

describe('checkDatabaseKey', () => {
  const sealingWith = (...keys: [Buffer, ...Buffer[]]) => createSealing(keys, randomBytes);

  it('refuses another key, even if the database has no secret yet', async () => {
    const { registry } = (await openRig()).store;
    const [ours, theirs] = [randomBytes(32), randomBytes(32)];
    await checkDatabaseKey({ registry, sealing: sealingWith(ours) });
    await checkDatabaseKey({ registry, sealing: sealingWith(ours) });
    await expect(checkDatabaseKey({ registry, sealing: sealingWith(theirs) })).rejects.toThrow(
      /this database was sealed with another key .* need the same key/,
    );
    await checkDatabaseKey({ registry, sealing: sealingWith(theirs, ours) });
  });

  it('accepts one of two gates that start together with different keys', async () => {
    const { registry } = (await openRig()).store;
    const starts = [randomBytes(32), randomBytes(32)].map(key =>
      checkDatabaseKey({ registry, sealing: sealingWith(key) }),
    );
    const ends = await Promise.allSettled(starts);
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('accepts the new key after a rotation, and refuses the old one', async () => {
    const { registry, start } = await setUp();
    await checkDatabaseKey(start());
    const old = start();
    await start().rotate();
    await checkDatabaseKey(start());
    await expect(checkDatabaseKey({ registry, sealing: old.sealing })).rejects.toThrow(/another key/);
  });
});
