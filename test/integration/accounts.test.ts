import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { addAccountCommands } from '../../src/cli/account-command.ts';
import { addSecretCommands } from '../../src/cli/secret-command.ts';
import { type AdminGate, startAdminGate } from '../helpers/gates/admin-gate.ts';

interface Shown {
  readonly id: number;
  readonly name: string;
  readonly [field: string]: unknown;
}

const accountsOf = async ({ api }: AdminGate) =>
  (await api.ask<{ accounts: Shown[] }>('GET', '/v1/accounts')).accounts;
const add = ({ api }: AdminGate, settings: object) =>
  api.ask<Shown>('POST', '/v1/accounts', { name: 'shop', allowedSenders: ['@shop.example'], ...settings });

describe('/v1/accounts', () => {
  it('adds, changes and lists accounts', async () => {
    const gate = await startAdminGate();
    const shop = await add(gate, { limits: { maxPerHour: 100 } });
    expect(shop).toEqual({
      ...{ id: 2, name: 'shop', isEnabled: true, allowedSenders: ['@shop.example'], webhook: null },
      ...{ limits: { maxPerHour: 100 }, sendsNotices: true, createdAt: expect.stringMatching(/Z$/) },
    });
    const changed = await gate.api.ask<Shown>('PATCH', '/v1/accounts/2', {
      ...{ sendsNotices: false, limits: { maxPerHour: null, maxRecipientsPerMessage: 5 } },
    });
    expect(changed).toEqual({ ...shop, sendsNotices: false, limits: { maxRecipientsPerMessage: 5 } });
    expect(await accountsOf(gate)).toEqual([expect.objectContaining({ name: 'default' }), changed]);
    expect((await gate.api.call('PATCH', '/v1/accounts/9', {})).status).toBe(404);
    expect((await gate.api.call('POST', '/v1/accounts', { name: 'shop', allowedSenders: [] })).status).toBe(
      409,
    );
  });

  it("shows a webhook's secret once, and keeps it sealed", async () => {
    const gate = await startAdminGate();
    const { webhookSecret, ...shop } = await add(gate, { webhook: { url: 'https://shop.example/hook' } });
    expect(webhookSecret).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/);
    expect(shop['webhook']).toEqual({ url: 'https://shop.example/hook', events: [] });
    expect(await accountsOf(gate)).toContainEqual(shop);
    const stored = JSON.stringify(await gate.store.registry.list('account'));
    expect(stored).not.toContain(webhookSecret);
  });

  it('needs the scope manage', async () => {
    const gate = await startAdminGate();
    const key = await gate.newKey('shop');
    for (const [method, path] of [
      ['GET', '/v1/accounts'],
      ['POST', '/v1/accounts'],
      ['PATCH', '/v1/accounts/1'],
      ['POST', '/v1/secret/rotate'],
    ] as const) {
      for (const [who, status] of [
        [key, 403],
        [undefined, 401],
      ] as const) {
        const body = method === 'GET' ? undefined : {};
        expect([path, (await gate.as(who).call(method, path, body)).status]).toEqual([path, status]);
      }
    }
  });
});

describe('a disabled account', () => {
  it('is refused with a good key, at once, until it is enabled again', async () => {
    const gate = await startAdminGate();
    const boss = gate.as(await gate.newKey('boss', ['manage']));
    const [, { id } = { id: 0 }] = await accountsOf(gate);
    const status = async () => (await boss.call('GET', '/v1/accounts')).status;
    expect(await status()).toBe(200);
    await gate.api.ask('PATCH', `/v1/accounts/${id}`, { isEnabled: false });
    const refused = await boss.call('GET', '/v1/accounts');
    expect([refused.status, JSON.parse(refused.text).error.code]).toEqual([401, 'account_inactive']);
    const other = await boss.call('GET', '/api/v2/mail/providers');
    expect([other.status, JSON.parse(other.text).message]).toEqual([401, 'The account is disabled.']);
    await gate.api.ask('PATCH', `/v1/accounts/${id}`, { isEnabled: true });
    expect(await status()).toBe(200);
  });

  it('leaves the operator able to enable it, also when it is the default one', async () => {
    const gate = await startAdminGate();
    await gate.api.ask('PATCH', '/v1/accounts/1', { isEnabled: false });
    expect(await accountsOf(gate)).toMatchObject([{ name: 'default', isEnabled: false }]);
    expect((await gate.api.call('GET', '/v1/messages')).status).toBe(403);
    await gate.api.ask('PATCH', '/v1/accounts/1', { isEnabled: true });
  });
});

describe('postern account and postern secret', () => {
  afterEach(() => void vi.restoreAllMocks());

  /** Runs a command on a running gate; resolves with what it prints. */
  async function run(gate: AdminGate, ...args: string[]): Promise<string> {
    const program = new Command('postern').exitOverride().configureOutput({ writeErr: () => {} });
    addAccountCommands(program);
    addSecretCommands(program);
    let printed = '';
    const spy = vi.spyOn(process.stdout, 'write').mockImplementation(text => {
      printed += String(text);
      return true;
    });
    try {
      await program.parseAsync([...args, '--data', gate.data], { from: 'user' });
    } finally {
      spy.mockRestore();
    }
    return printed;
  }

  it('add, list and change accounts', async () => {
    const gate = await startAdminGate();
    const limits = ['--max-per-hour', '100', '--max-per-day', '1000'];
    expect(await run(gate, 'account', 'add', 'shop', '--allow', '@shop.example', ...limits)).toBe(
      'Account 2 (shop) added.\n',
    );
    await run(gate, 'account', 'change', 'shop', '--max-per-day', 'none', '--no-notices', '--disable');
    expect((await accountsOf(gate))[1]).toMatchObject({
      ...{
        allowedSenders: ['@shop.example'],
        limits: { maxPerHour: 100 },
        sendsNotices: false,
        isEnabled: false,
      },
    });
    const listed = await run(gate, 'account', 'list');
    expect(listed).toMatch(/2 +shop +no +@shop\.example +maxPerHour 100/);
    expect(JSON.parse(await run(gate, 'account', 'list', '--json'))).toEqual(await accountsOf(gate));
  });

  it('add an account that may send as anyone when nothing is said', async () => {
    const gate = await startAdminGate();
    await run(gate, 'account', 'add', 'any');
    expect((await accountsOf(gate))[1]).toMatchObject({
      name: 'any',
      allowedSenders: ['*'],
      sendsNotices: true,
    });
  });

  it('show the secret of a webhook when it is made', async () => {
    const gate = await startAdminGate();
    const webhook = ['--webhook', 'https://shop.example/hook', '--webhook-event', 'bounced'];
    const added = await run(gate, 'account', 'add', 'shop', ...webhook);
    expect(added).toMatch(/not shown again.\n\nwhsec_[A-Za-z0-9+/]{32}\n$/);
    const kept = await run(gate, 'account', 'change', 'shop', '--enable');
    expect(kept).toBe('Account 2 (shop) changed.\n');
    const rotated = JSON.parse(await run(gate, 'account', 'change', 'shop', '--webhook-secret', '--json'));
    expect(added).not.toContain(rotated.webhookSecret);
    await run(gate, 'account', 'change', 'shop', '--webhook', 'none');
    expect((await accountsOf(gate))[1]?.['webhook']).toBeNull();
  });

  it('say what is wrong', async () => {
    const gate = await startAdminGate();
    await expect(run(gate, 'account', 'change', 'nobody', '--enable')).rejects.toThrow(
      'There is no account "nobody". Existing accounts: default.',
    );
    await expect(run(gate, 'account', 'change', 'default', '--enable', '--disable')).rejects.toThrow(
      'contradict each other',
    );
    await expect(run(gate, 'account', 'add', 'x', '--max-per-hour', 'many')).rejects.toThrow('whole number');
    await expect(run(gate, 'account', 'add', 'x', '--allow', 'nobody')).rejects.toThrow('neither');
  });

  it('rotate the sealing key', async () => {
    const gate = await startAdminGate();
    await run(gate, 'account', 'add', 'shop', '--webhook', 'https://shop.example/hook');
    const keyFile = () => readFileSync(join(gate.data, 'secret.key'), 'utf8');
    const before = keyFile();
    expect(await run(gate, 'secret', 'rotate')).toMatch(
      /^Sealed with the new key [0-9a-f]{12}\. Secrets: 1\.\n$/,
    );
    expect(keyFile()).toHaveLength(before.length);
    expect(keyFile()).not.toBe(before);
  });
});
