import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { rigOpener } from '../../../test/helpers/stores/store-rig.ts';
import { createSqliteHarness } from '../../../test/helpers/stores/store-sqlite.ts';
import { hashOfKeyText } from '../../auth/key-text.ts';
import { newAccount, type Principal } from '../../core/account.ts';
import { createKeyHandlers } from './key-service.ts';

const openRig = rigOpener(createSqliteHarness);
const SIGNAL = new AbortController().signal;

async function setUp() {
  const { store, now, advance } = await openRig();
  const { registry } = store;
  const account = await registry.add('account', 'default', id => {
    return newAccount({ id, name: 'default', allowedSenders: ['*'], createdAt: now() });
  });
  if (account === undefined) throw new Error('taken');
  const operator: Principal = { account, scopes: ['manage'], by: 0 };
  const newName = () => randomBytes(8).toString('hex');
  const handlers = createKeyHandlers({ registry, random: randomBytes, now, newName });
  const create = (input: object) =>
    handlers.createKey(operator, { name: 'test', scopes: ['send'], ...input }, SIGNAL);
  return { registry, operator, handlers, create, now, advance };
}

describe('key handlers', () => {
  it('return the secret once, and store its hash', async () => {
    const { registry, operator, handlers, create } = await setUp();
    const { key, secret } = await create({ account: 'default' });
    expect(secret).toMatch(new RegExp(`^pk_${key.id}_`));
    expect(await registry.list('key')).toEqual([{ ...key, hash: hashOfKeyText(secret) }]);
    const listed = await handlers.keys(operator, {}, SIGNAL);
    expect(listed).toEqual([key]);
    expect(JSON.stringify(listed)).not.toContain(hashOfKeyText(secret));
  });

  it('create a key for the account of the caller if the request names none', async () => {
    const { operator, create } = await setUp();
    expect((await create({})).key.account).toBe(operator.account.id);
  });

  it('refuse an unknown account, and list the existing accounts in the error', async () => {
    const { create, registry } = await setUp();
    await expect(create({ account: 'nobody' })).rejects.toMatchObject({
      code: 'invalid',
      message: 'account: there is no account "nobody"; existing accounts: default',
      details: { field: 'account' },
    });
    expect(await registry.list('key')).toEqual([]);
  });

  it('create the account together with the key on request', async () => {
    const { create, registry } = await setUp();
    const newAccount = { allowedSenders: ['@Shop.Example', 'A@b.example', '*'] };
    const { key } = await create({ account: 'shop', newAccount });
    expect(await registry.get('account', key.account)).toMatchObject({
      name: 'shop',
      isEnabled: true,
      allowedSenders: ['@shop.example', 'A@b.example', '*'],
    });
    await expect(create({ account: 'shop', newAccount })).rejects.toMatchObject({ code: 'conflict' });
  });

  it('refuse a new account with an invalid allowed sender', async () => {
    const { create, registry } = await setUp();
    for (const sender of ['', '@', 'shop.example', '@a b', '**']) {
      const newAccount = { allowedSenders: [sender] };
      await expect(create({ account: 'shop', newAccount }), sender).rejects.toMatchObject({
        code: 'invalid',
      });
    }
    expect(await registry.list('account')).toHaveLength(1);
  });

  it('require a name and a scope, and report both together', async () => {
    const { create } = await setUp();
    await expect(create({ name: '', scopes: [] })).rejects.toMatchObject({
      details: { problems: [{ field: 'name' }, { field: 'scopes' }] },
    });
  });

  it('keep the time of the first revocation', async () => {
    const { operator, handlers, create, now, advance } = await setUp();
    const { key } = await create({});
    const revokedAt = now();
    expect(await handlers.revokeKey(operator, { id: key.id }, SIGNAL)).toEqual({ ...key, revokedAt });
    advance(1000);
    expect(await handlers.revokeKey(operator, { id: key.id }, SIGNAL)).toEqual({ ...key, revokedAt });
    await expect(handlers.revokeKey(operator, { id: 99 }, SIGNAL)).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});
