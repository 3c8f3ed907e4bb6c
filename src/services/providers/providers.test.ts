import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { rigOpener } from '../../../test/helpers/stores/store-rig.ts';
import { createSqliteHarness } from '../../../test/helpers/stores/store-sqlite.ts';
import { createSealing } from '../../auth/sealing.ts';
import { newAccount, type Principal } from '../../core/account.ts';
import type { Provider } from '../../core/provider.ts';
import type { CheckReport, Transport } from '../../delivery/transport.ts';
import { createProviderHandlers, providerSecretRow } from './providers.ts';

const openRig = rigOpener(createSqliteHarness);
const SIGNAL = new AbortController().signal;
const OPERATOR: Principal = {
  account: newAccount({ id: 1, name: 'default', allowedSenders: ['*'], createdAt: 0 }),
  scopes: ['manage'],
  by: 0,
};
const REPORT: CheckReport = { ok: true, stages: [{ stage: 'noop', ok: true, detail: 'fine', ms: 1 }] };

async function setUp() {
  const { store, now, advance } = await openRig();
  const sealing = createSealing([randomBytes(32)], randomBytes);
  const far = { checked: [] as Provider[], closed: 0 };
  const makeTransport = (provider: Provider): Transport => ({
    capacity: 1,
    send: () => Promise.reject(new Error('no mail is sent here')),
    async check() {
      far.checked.push(provider);
      return REPORT;
    },
    async close() {
      far.closed += 1;
    },
  });
  const handlers = createProviderHandlers({
    audit: { note: async () => {} },
    registry: store.registry,
    sealing,
    rules: { allowClearText: [], development: false },
    makeTransport,
    now,
    newName: () => randomBytes(8).toString('hex'),
    settled: async () => {},
  });
  const add = (host: string, more: object = {}) => handlers.addProvider(OPERATOR, { host, ...more }, SIGNAL);
  const stored = async (id: number) => {
    const provider = await store.registry.get('provider', id);
    if (provider?.kind !== 'smtp') throw new Error('not there');
    return provider;
  };
  return { handlers, sealing, add, stored, far, advance, now };
}

describe('the providers', () => {
  it('are added, listed and got, without their passwords', async () => {
    const { handlers, add, stored, sealing } = await setUp();
    const added = await add('mail.example', { username: 'bob', password: 'canary', caption: 'First' });
    expect(await handlers.providers(OPERATOR, {}, SIGNAL)).toEqual([added]);
    expect(await handlers.provider(OPERATOR, { id: added.id }, SIGNAL)).toEqual(added);
    expect(JSON.stringify(added)).not.toMatch(/canary|sealed/);
    const kept = await stored(added.id);
    expect(kept.sealedPassword).not.toContain('canary');
    expect(sealing.open(kept.sealedPassword, providerSecretRow(kept))).toBe('canary');
  });

  it('may have the same caption twice', async () => {
    const { add } = await setUp();
    const [first, second] = [
      await add('a.example', { caption: 'x' }),
      await add('b.example', { caption: 'x' }),
    ];
    expect(first.id).toBeLessThan(second.id);
  });

  it('keep their password through a change that does not name it', async () => {
    const { handlers, add, stored, sealing, advance, now } = await setUp();
    const { id, createdAt } = await add('mail.example', { username: 'bob', password: 'canary' });
    advance(1000);
    const changed = await handlers.changeProvider(OPERATOR, { id, settings: { port: 2525 } }, SIGNAL);
    expect(changed).toMatchObject({ id, host: 'mail.example', port: 2525, createdAt, updatedAt: now() });
    expect(sealing.open((await stored(id)).sealedPassword, `provider:${id}`)).toBe('canary');
    await handlers.changeProvider(OPERATOR, { id, settings: { password: 'other' } }, SIGNAL);
    expect(sealing.open((await stored(id)).sealedPassword, `provider:${id}`)).toBe('other');
  });

  it('stay as they are when a change is wrong', async () => {
    const { handlers, add } = await setUp();
    const added = await add('mail.example');
    const change = handlers.changeProvider(OPERATOR, { id: added.id, settings: { port: 0 } }, SIGNAL);
    await expect(change).rejects.toMatchObject({ code: 'invalid' });
    expect(await handlers.provider(OPERATOR, { id: added.id }, SIGNAL)).toEqual(added);
  });

  it('cannot lose the only one by disabling it, but any of several', async () => {
    const { handlers, add } = await setUp();
    const { id } = await add('a.example');
    const disable = () => handlers.changeProvider(OPERATOR, { id, settings: { isEnabled: false } }, SIGNAL);
    await expect(disable()).rejects.toMatchObject({ code: 'conflict' });
    await add('b.example');
    expect(await disable()).toMatchObject({ isEnabled: false });
  });

  it('are removed', async () => {
    const { handlers, add } = await setUp();
    const { id } = await add('a.example');
    await handlers.removeProvider(OPERATOR, { id }, SIGNAL);
    expect(await handlers.providers(OPERATOR, {}, SIGNAL)).toEqual([]);
  });

  it('are not found by a foreign id, whatever is asked', async () => {
    const { handlers } = await setUp();
    const missing = { code: 'not_found' };
    const id = 99;
    await expect(handlers.provider(OPERATOR, { id }, SIGNAL)).rejects.toMatchObject(missing);
    await expect(handlers.changeProvider(OPERATOR, { id, settings: {} }, SIGNAL)).rejects.toMatchObject(
      missing,
    );
    await expect(handlers.removeProvider(OPERATOR, { id }, SIGNAL)).rejects.toMatchObject(missing);
    await expect(handlers.checkProvider(OPERATOR, { id }, SIGNAL)).rejects.toMatchObject(missing);
  });

  it('are checked through a transport of their own, as they are now', async () => {
    const { handlers, add, far } = await setUp();
    const { id } = await add('a.example');
    await handlers.changeProvider(OPERATOR, { id, settings: { host: 'b.example' } }, SIGNAL);
    expect(await handlers.checkProvider(OPERATOR, { id }, SIGNAL)).toEqual(REPORT);
    expect(far.checked).toMatchObject([{ id, host: 'b.example' }]);
    expect(far.closed).toBe(1);
  });
});
