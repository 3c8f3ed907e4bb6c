import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { rigOpener } from '../../../test/helpers/stores/store-rig.ts';
import { createSqliteHarness } from '../../../test/helpers/stores/store-sqlite.ts';
import { createSealing } from '../../auth/sealing.ts';
import { newAccount, type Principal } from '../../core/account.ts';
import { AppError } from '../../core/errors.ts';
import type { AccountSettings } from '../../operations/account-operations.ts';
import { createAccountHandlers } from './accounts.ts';

const openRig = rigOpener(createSqliteHarness);
const SIGNAL = new AbortController().signal;
const WHO: Principal = {
  account: newAccount({ id: 0, name: 'operator', allowedSenders: [], createdAt: 0 }),
  scopes: ['manage'],
  by: 0,
};
const URL = 'https://shop.example/hook';
const SECRET = /^whsec_[A-Za-z0-9+/]{32}$/;

async function setUp() {
  const { store, now } = await openRig();
  const { registry } = store;
  const sealing = createSealing([randomBytes(32)], randomBytes);
  const handlers = createAccountHandlers({
    ...{ registry, sealing, now },
    random: randomBytes,
    allowsWebhookTo: host => host === '127.0.0.1' || host === '::1',
  });
  const add = (settings: AccountSettings = {}, name = 'shop') =>
    handlers.addAccount(WHO, { name, settings }, SIGNAL);
  const change = (id: number, settings: AccountSettings) =>
    handlers.changeAccount(WHO, { id, settings }, SIGNAL);
  const secretOf = async (id: number) => {
    const account = await registry.get('account', id);
    return sealing.open(account?.webhook?.sealedSecret ?? '', `webhook:${id}`);
  };
  const problemsOf = async (made: Promise<unknown>) => {
    const error = await made.then(
      () => undefined,
      (refusal: unknown) => refusal,
    );
    if (!(error instanceof AppError)) throw new Error('It was not refused', { cause: error });
    expect(error.code).toBe('invalid');
    return error.details.problems?.map(({ field }) => field);
  };
  return { registry, handlers, add, change, secretOf, problemsOf, now };
}

describe('accounts', () => {
  it('are made with defaults, and listed', async () => {
    const { add, handlers, now } = await setUp();
    const { account, webhookSecret } = await add();
    expect(webhookSecret).toBeUndefined();
    expect(account).toEqual({
      ...{ id: 1, name: 'shop', isEnabled: true, allowedSenders: [], limits: {} },
      ...{ sendsNotices: true, webhook: null, createdAt: now() },
    });
    expect(await handlers.accounts(WHO, {}, SIGNAL)).toEqual([account]);
  });

  it('have a name of their own', async () => {
    const { add, problemsOf } = await setUp();
    await add();
    await expect(add()).rejects.toMatchObject({ code: 'conflict' });
    for (const name of ['', 'a\nb', 'x'.repeat(256)])
      expect(await problemsOf(add({}, name))).toEqual(['name']);
  });

  it('send as addresses and domains in the form in which these are compared', async () => {
    const { add } = await setUp();
    const allowedSenders = ['@Bücher.Example', '@xn--bcher-kva.example', 'News@Shop.Example', '*'];
    const { account } = await add({ allowedSenders });
    expect(account.allowedSenders).toEqual(['@xn--bcher-kva.example', 'News@shop.example', '*']);
  });

  it('keep what a change does not name, and lose a limit that becomes null', async () => {
    const { add, change } = await setUp();
    const { account } = await add({ allowedSenders: ['*'], limits: { maxPerHour: 7, maxPerDay: 9 } });
    const changed = await change(account.id, {
      isEnabled: false,
      limits: { maxPerDay: null, maxPerMinute: 2 },
    });
    expect(changed).toEqual({
      account: { ...account, isEnabled: false, limits: { maxPerMinute: 2, maxPerHour: 7 } },
    });
    await expect(change(99, {})).rejects.toMatchObject({ code: 'not_found' });
  });

  it('are told everything that is wrong at once, and are left as they were', async () => {
    const { add, change, problemsOf, handlers } = await setUp();
    const { account } = await add();
    const wrong = { allowedSenders: ['nobody'], limits: { maxPerHour: 0 }, webhook: { url: 'x' } };
    expect(await problemsOf(change(account.id, wrong))).toEqual([
      'allowedSenders',
      'limits.maxPerHour',
      'webhook.url',
    ]);
    expect(await problemsOf(add(wrong, ''))).toEqual([
      'name',
      'allowedSenders',
      'limits.maxPerHour',
      'webhook.url',
    ]);
    expect(await handlers.accounts(WHO, {}, SIGNAL)).toEqual([account]);
  });
});

describe('the webhook of an account', () => {
  it('gets a secret that is shown once, and kept sealed', async () => {
    const { add, secretOf, registry, handlers } = await setUp();
    const { account, webhookSecret } = await add({ webhook: { url: URL, events: ['bounced', 'bounced'] } });
    expect(webhookSecret).toMatch(SECRET);
    expect(account.webhook).toEqual({ url: URL, events: ['bounced'] });
    expect(await secretOf(account.id)).toBe(webhookSecret);
    expect(JSON.stringify(await registry.list('account'))).not.toContain(webhookSecret);
    expect(JSON.stringify(await handlers.accounts(WHO, {}, SIGNAL))).not.toMatch(/[sS]ecret/);
  });

  it('keeps its secret while its URL stays, and gets another with another URL or when asked', async () => {
    const { add, change, secretOf } = await setUp();
    const { account, webhookSecret } = await add({ webhook: { url: URL } });
    const { id } = account;
    for (const webhook of [{ events: ['failed'] as const }, { url: URL }, { rotateSecret: false }]) {
      expect(await change(id, { webhook })).not.toHaveProperty('webhookSecret');
      expect(await secretOf(id)).toBe(webhookSecret);
    }
    const rotated = await change(id, { webhook: { rotateSecret: true } });
    expect(rotated.account.webhook).toEqual({ url: URL, events: ['failed'] });
    const moved = await change(id, { webhook: { url: `${URL}/2` } });
    expect(new Set([webhookSecret, rotated.webhookSecret, moved.webhookSecret]).size).toBe(3);
    expect(moved.webhookSecret).toMatch(SECRET);
    expect(await secretOf(id)).toBe(moved.webhookSecret);
    expect((await change(id, { webhook: null })).account.webhook).toBeNull();
  });

  it.each([
    ['http://127.0.0.1:8080/hook', true],
    ['http://[::1]/hook', true],
    ['http://shop.example/hook', false],
    ['ftp://127.0.0.1/hook', false],
    ['https://user:password@shop.example/', false],
    ['shop.example', false],
    ['https://shop.example/\r\nx', false],
    [`https://shop.example/${'x'.repeat(2_000)}`, false],
    ['', false],
  ])('may be at %s: %s', async (url, isFine) => {
    const { add, problemsOf } = await setUp();
    if (isFine) expect((await add({ webhook: { url } })).account.webhook?.url).toBe(url);
    else expect(await problemsOf(add({ webhook: { url } }))).toEqual(['webhook.url']);
  });

  it('cannot be changed where there is none', async () => {
    const { add, change, problemsOf } = await setUp();
    const { account } = await add();
    expect(await problemsOf(change(account.id, { webhook: { rotateSecret: true } }))).toEqual([
      'webhook.url',
    ]);
  });
});
