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
const OPERATOR: Principal = {
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
    handlers.addAccount(OPERATOR, { name, settings }, SIGNAL);
  const change = (id: number, settings: AccountSettings) =>
    handlers.changeAccount(OPERATOR, { id, settings }, SIGNAL);
  const secretOf = async (id: number) => {
    const account = await registry.get('account', id);
    return sealing.open(account?.webhook?.sealedSecret ?? '', `webhook:${id}`);
  };
  const problemsOf = async (call: Promise<unknown>) => {
    const error = await call.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof AppError)) throw new Error('The call did not throw an AppError', { cause: error });
    expect(error.code).toBe('invalid');
    return error.details.problems?.map(({ field }) => field);
  };
  return { registry, handlers, add, change, secretOf, problemsOf, now };
}

describe('account handlers', () => {
  it('add an account with defaults, and list it', async () => {
    const { add, handlers, now } = await setUp();
    const { account, webhookSecret } = await add();
    expect(webhookSecret).toBeUndefined();
    expect(account).toEqual({
      ...{ id: 1, name: 'shop', isEnabled: true, allowedSenders: [], limits: {} },
      ...{ sendsNotices: true, webhook: null, createdAt: now() },
    });
    expect(await handlers.accounts(OPERATOR, {}, SIGNAL)).toEqual([account]);
  });

  it('refuse a name that is taken or invalid', async () => {
    const { add, problemsOf } = await setUp();
    await add();
    await expect(add()).rejects.toMatchObject({ code: 'conflict' });
    for (const name of ['', 'a\nb', 'x'.repeat(256)])
      expect(await problemsOf(add({}, name))).toEqual(['name']);
  });

  it('store allowed senders with A-label domains in lower case, without duplicates', async () => {
    const { add } = await setUp();
    const allowedSenders = ['@Bücher.Example', '@xn--bcher-kva.example', 'News@Shop.Example', '*'];
    const { account } = await add({ allowedSenders });
    expect(account.allowedSenders).toEqual(['@xn--bcher-kva.example', 'News@shop.example', '*']);
  });

  it('keep settings that a change does not name, and remove a limit that becomes null', async () => {
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

  it('report all problems together, and change nothing', async () => {
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
    expect(await handlers.accounts(OPERATOR, {}, SIGNAL)).toEqual([account]);
  });
});

describe('account handlers: the webhook', () => {
  it('gets a secret that is returned once and stored sealed', async () => {
    const { add, secretOf, registry, handlers } = await setUp();
    const { account, webhookSecret } = await add({ webhook: { url: URL, events: ['bounced', 'bounced'] } });
    expect(webhookSecret).toMatch(SECRET);
    expect(account.webhook).toEqual({ url: URL, events: ['bounced'] });
    expect(await secretOf(account.id)).toBe(webhookSecret);
    expect(JSON.stringify(await registry.list('account'))).not.toContain(webhookSecret);
    expect(JSON.stringify(await handlers.accounts(OPERATOR, {}, SIGNAL))).not.toMatch(/[sS]ecret/);
  });

  it('keeps its secret until its URL changes or a rotation is requested', async () => {
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
  ])('with the URL %s is accepted: %s', async (url, isAccepted) => {
    const { add, problemsOf } = await setUp();
    if (isAccepted) expect((await add({ webhook: { url } })).account.webhook?.url).toBe(url);
    else expect(await problemsOf(add({ webhook: { url } }))).toEqual(['webhook.url']);
  });

  it('cannot be changed if the account has none', async () => {
    const { add, change, problemsOf } = await setUp();
    const { account } = await add();
    expect(await problemsOf(change(account.id, { webhook: { rotateSecret: true } }))).toEqual([
      'webhook.url',
    ]);
  });
});
