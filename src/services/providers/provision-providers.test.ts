import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { rigOpener } from '../../../test/helpers/stores/store-rig.ts';
import { createSqliteHarness } from '../../../test/helpers/stores/store-sqlite.ts';
import { createSealing } from '../../auth/sealing.ts';
import { draftProvider } from './provider-draft.ts';
import { addProvider, providerSecretRow } from './providers.ts';
import { provisionAccount, provisionProviders } from './provision-providers.ts';

const openRig = rigOpener(createSqliteHarness);
const LOOPBACK = ['127.0.0.0/8'];

async function setUp() {
  const { store, now } = await openRig();
  const { registry } = store;
  const sealing = createSealing([randomBytes(32)], randomBytes);
  const context = { registry, sealing, now, newName: () => randomBytes(8).toString('hex') };
  const provision = (development: boolean, smarthost?: string) =>
    provisionProviders({
      ...context,
      config: { development, allowClearText: development ? LOOPBACK : [], ...(smarthost && { smarthost }) },
    });
  return { registry, sealing, context, provision };
}

describe('provisionAccount', () => {
  it('adds the account default once, and keeps later changes', async () => {
    const { registry, context } = await setUp();
    const all = { ...context, config: { development: false, allowClearText: [] } };
    await provisionAccount(all);
    const [account] = await registry.list('account');
    expect(account).toMatchObject({ name: 'default', isEnabled: true, allowedSenders: ['*'] });
    await registry.change('account', account?.id ?? 0, old => ({ ...old, isEnabled: false }));
    await provisionAccount(all);
    expect(await registry.list('account')).toMatchObject([{ name: 'default', isEnabled: false }]);
  });
});

describe('provisionProviders', () => {
  it('adds the inbox of development mode with the first priority, once', async () => {
    const { registry, provision } = await setUp();
    const inbox = await provision(true);
    expect(inbox).toMatchObject({ kind: 'capture', priority: 0, isEnabled: true });
    expect(await provision(true)).toEqual(inbox);
    expect(await registry.list('provider')).toEqual([inbox]);
  });

  it('replaces the inbox by the smarthost, and the smarthost by the inbox', async () => {
    const { registry, provision } = await setUp();
    await provision(true);
    expect(await provision(true, 'smtp://127.0.0.1:2525')).toBeUndefined();
    const smarthost = { kind: 'smtp', host: '127.0.0.1', port: 2525, encryption: 'none', priority: 0 };
    expect(await registry.list('provider')).toMatchObject([smarthost]);
    await provision(true);
    expect(await registry.list('provider')).toMatchObject([{ kind: 'capture' }]);
  });

  it('replaces the smarthost only if its settings or its password changed', async () => {
    const { registry, sealing, provision } = await setUp();
    const readSmarthost = async () => {
      const [provider] = await registry.list('provider');
      if (provider?.kind !== 'smtp') throw new Error('There is no SMTP provider');
      return {
        id: provider.id,
        password: sealing.open(provider.sealedPassword, providerSecretRow(provider)),
      };
    };
    await provision(false, 'smtps://bob:first@mail.example');
    const first = await readSmarthost();
    await provision(false, 'smtps://bob:first@mail.example');
    expect(await readSmarthost()).toEqual(first);
    await provision(false, 'smtps://bob:second@mail.example');
    expect(await readSmarthost()).toEqual({ id: first.id + 1, password: 'second' });
  });

  it('allows clear text for a smarthost with ?tls=none', async () => {
    const { registry, provision } = await setUp();
    await provision(false, 'smtp://sink.internal:1025?tls=none');
    expect(await registry.list('provider')).toMatchObject([{ host: 'sink.internal', encryption: 'none' }]);
  });

  it('removes the inbox without development mode', async () => {
    const { registry, provision } = await setUp();
    await provision(true);
    await provision(false);
    expect(await registry.list('provider')).toEqual([]);
  });

  it('does not change providers that the operator added', async () => {
    const { registry, context, provision } = await setUp();
    const rules = { allowClearText: [], development: false };
    const own = await addProvider(context, draftProvider({ host: 'mail.example' }, undefined, rules));
    await provision(true);
    await provision(false, 'smtp://other.example');
    await provision(false);
    expect(await registry.list('provider')).toEqual([own]);
  });
});
