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
  const calls = { checked: [] as Provider[], closed: 0 };
  const makeTransport = (provider: Provider): Transport => ({
    capacity: 1,
    send: () => Promise.reject(new Error('no mail is sent here')),
    async check() {
      calls.checked.push(provider);
      return REPORT;
    },
    async close() {
      calls.closed += 1;
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
    waitUntilApplied: async () => {},
  });
  const add = (host: string, more: object = {}) => handlers.addProvider(OPERATOR, { host, ...more }, SIGNAL);
  const stored = async (id: number) => {
    const provider = await store.registry.get('provider', id);
    if (provider?.kind !== 'smtp') throw new Error(`There is no SMTP provider ${id}`);
    return provider;
  };
  return { handlers, sealing, add, stored, calls, advance, now };
}

describe('provider handlers', () => {
  it('add, list and return a provider without its password', async () => {
    const { handlers, add, stored, sealing } = await setUp();
    const added = await add('mail.example', { username: 'bob', password: 'canary', caption: 'First' });
    expect(await handlers.providers(OPERATOR, {}, SIGNAL)).toEqual([added]);
    expect(await handlers.provider(OPERATOR, { id: added.id }, SIGNAL)).toEqual(added);
    expect(JSON.stringify(added)).not.toMatch(/canary|sealed/);
    const saved = await stored(added.id);
    expect(saved.sealedPassword).not.toContain('canary');
    expect(sealing.open(saved.sealedPassword, providerSecretRow(saved))).toBe('canary');
  });

  it('accept two providers with the same caption', async () => {
    const { add } = await setUp();
    const [first, second] = [
      await add('a.example', { caption: 'x' }),
      await add('b.example', { caption: 'x' }),
    ];
    expect(first.id).toBeLessThan(second.id);
  });

  it('keep the password in a change that does not name it', async () => {
    const { handlers, add, stored, sealing, advance, now } = await setUp();
    const { id, createdAt } = await add('mail.example', { username: 'bob', password: 'canary' });
    advance(1000);
    const changed = await handlers.changeProvider(OPERATOR, { id, settings: { port: 2525 } }, SIGNAL);
    expect(changed).toMatchObject({ id, host: 'mail.example', port: 2525, createdAt, updatedAt: now() });
    expect(sealing.open((await stored(id)).sealedPassword, `provider:${id}`)).toBe('canary');
    await handlers.changeProvider(OPERATOR, { id, settings: { password: 'other' } }, SIGNAL);
    expect(sealing.open((await stored(id)).sealedPassword, `provider:${id}`)).toBe('other');
  });

  it('change nothing if one setting is invalid', async () => {
    const { handlers, add } = await setUp();
    const added = await add('mail.example');
    const change = handlers.changeProvider(OPERATOR, { id: added.id, settings: { port: 0 } }, SIGNAL);
    await expect(change).rejects.toMatchObject({ code: 'invalid' });
    expect(await handlers.provider(OPERATOR, { id: added.id }, SIGNAL)).toEqual(added);
  });

  it('refuse to disable the only provider, and disable one of several', async () => {
    const { handlers, add } = await setUp();
    const { id } = await add('a.example');
    const disable = () => handlers.changeProvider(OPERATOR, { id, settings: { isEnabled: false } }, SIGNAL);
    await expect(disable()).rejects.toMatchObject({ code: 'conflict' });
    await add('b.example');
    expect(await disable()).toMatchObject({ isEnabled: false });
  });

  it('remove a provider', async () => {
    const { handlers, add } = await setUp();
    const { id } = await add('a.example');
    await handlers.removeProvider(OPERATOR, { id }, SIGNAL);
    expect(await handlers.providers(OPERATOR, {}, SIGNAL)).toEqual([]);
  });

  it('throw not_found for an unknown id', async () => {
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

  it('check a provider with its present settings, through a new transport', async () => {
    const { handlers, add, calls } = await setUp();
    const { id } = await add('a.example');
    await handlers.changeProvider(OPERATOR, { id, settings: { host: 'b.example' } }, SIGNAL);
    expect(await handlers.checkProvider(OPERATOR, { id }, SIGNAL)).toEqual(REPORT);
    expect(calls.checked).toMatchObject([{ id, host: 'b.example' }]);
    expect(calls.closed).toBe(1);
  });
});
