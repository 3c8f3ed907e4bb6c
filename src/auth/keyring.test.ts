import { randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { rigOpener } from '../../test/helpers/stores/store-rig.ts';
import { createSqliteHarness } from '../../test/helpers/stores/store-sqlite.ts';
import { type Account, newAccount } from '../core/account.ts';
import { addKey } from '../services/accounts/key-service.ts';
import { newKeyText, OPERATOR_KEY_ID } from './key-text.ts';
import { createKeyring } from './keyring.ts';

const openRig = rigOpener(createSqliteHarness);
const INACTIVE = { code: 'account_inactive' };

async function setUp() {
  const { store } = await openRig();
  const { registry } = store;
  const operatorToken = newKeyText(OPERATOR_KEY_ID, randomBytes);
  const keyring = createKeyring({ registry, operatorToken, operatorAccount: 'default' });
  onTestFinished(() => keyring.close());

  async function addAccount(name: string, isEnabled = true): Promise<Account> {
    const account = await registry.add('account', name, id => {
      return { ...newAccount({ id, name, allowedSenders: ['*'], createdAt: 1 }), isEnabled };
    });
    if (account === undefined) throw new Error('taken');
    return account;
  }

  const context = {
    registry,
    random: randomBytes,
    now: () => 1,
    newName: () => randomBytes(8).toString('hex'),
  };
  const add = (account: Account) => addKey(context, account, { name: 'test', scopes: ['send'] });
  return { registry, keyring, operatorToken, addAccount, add };
}

describe('createKeyring', () => {
  it('returns the account and the scopes of a key', async () => {
    const { keyring, addAccount, add } = await setUp();
    const account = await addAccount('shop');
    const { key, secret } = await add(account);
    expect(await keyring.authenticate({ key: secret })).toEqual({ account, scopes: ['send'], by: key.id });
  });

  it('returns undefined for an unknown key, a key with one wrong character, and other texts', async () => {
    const { keyring, addAccount, add } = await setUp();
    const { secret } = await add(await addAccount('shop'));
    const wrong = secret.slice(0, -1) + (secret.endsWith('a') ? 'b' : 'a');
    for (const key of [newKeyText(99, randomBytes), wrong, '', 'hello', 'x'.repeat(100_000), `${secret} `]) {
      expect(await keyring.authenticate({ key }), key.slice(0, 40)).toBeUndefined();
    }
  });

  it('returns undefined for a key that was revoked after its first use', async () => {
    const { registry, keyring, addAccount, add } = await setUp();
    const { key, secret } = await add(await addAccount('shop'));
    expect(await keyring.authenticate({ key: secret })).toBeDefined();
    await registry.change('key', key.id, old => ({ ...old, revokedAt: 2 }));
    expect(await keyring.authenticate({ key: secret })).toBeUndefined();
  });

  it('throws account_inactive for the valid key of a disabled account, and only for that', async () => {
    const { registry, keyring, addAccount, add } = await setUp();
    const account = await addAccount('shop');
    const { secret } = await add(account);
    expect(await keyring.authenticate({ key: secret })).toBeDefined();
    await registry.change('account', account.id, old => ({ ...old, isEnabled: false }));
    await expect(keyring.authenticate({ key: secret })).rejects.toMatchObject(INACTIVE);
    await expect(keyring.authenticate({ key: secret, user: 'shop' })).rejects.toMatchObject(INACTIVE);
    expect(await keyring.authenticate({ key: secret, user: 'other' })).toBeUndefined();
    expect(await keyring.authenticate({ key: `${secret}x` })).toBeUndefined();
    await registry.change('account', account.id, old => ({ ...old, isEnabled: true }));
    expect(await keyring.authenticate({ key: secret })).toBeDefined();
  });

  it('requires that a user name is the name of the account', async () => {
    const { keyring, addAccount, add } = await setUp();
    const { secret } = await add(await addAccount('shop'));
    expect(await keyring.authenticate({ key: secret, user: 'shop' })).toBeDefined();
    expect(await keyring.authenticate({ key: secret, user: 'other' })).toBeUndefined();
  });

  it('gives the operator token every scope in the default account', async () => {
    const { keyring, operatorToken, addAccount } = await setUp();
    const account = await addAccount('default');
    const principal = { account, scopes: ['send', 'read', 'manage'], by: OPERATOR_KEY_ID };
    expect(await keyring.authenticate({ key: operatorToken })).toEqual(principal);
    expect(await keyring.authenticate({ key: newKeyText(OPERATOR_KEY_ID, randomBytes) })).toBeUndefined();
  });

  it('gives the operator token the scope manage if the default account is disabled', async () => {
    const { keyring, operatorToken, addAccount } = await setUp();
    const account = await addAccount('default', false);
    const principal = { account, scopes: ['manage'], by: OPERATOR_KEY_ID };
    expect(await keyring.authenticate({ key: operatorToken })).toEqual(principal);
    expect(await keyring.authenticate({ key: operatorToken, user: 'other' })).toBeUndefined();
  });

  it('lets callers without a key send and read in an enabled account', async () => {
    const { keyring, addAccount } = await setUp();
    const account = await addAccount('default');
    await addAccount('closed', false);
    expect(await keyring.keyless('default')).toEqual({ account, scopes: ['send', 'read'], by: 'keyless' });
    await expect(keyring.keyless('closed')).rejects.toMatchObject(INACTIVE);
    expect(await keyring.keyless('nobody')).toBeUndefined();
  });

  it('reads the registry again after a read failed', async () => {
    const { registry, addAccount } = await setUp();
    await addAccount('default');
    let isBroken = true;
    const list: typeof registry.list = kind =>
      isBroken ? Promise.reject(new Error('no database')) : registry.list(kind);
    const keyring = createKeyring({
      registry: { list, onChange: registry.onChange },
      operatorToken: '',
      operatorAccount: 'default',
    });
    await expect(keyring.keyless('default')).rejects.toThrow('no database');
    isBroken = false;
    expect(await keyring.keyless('default')).toBeDefined();
    keyring.close();
  });
});
