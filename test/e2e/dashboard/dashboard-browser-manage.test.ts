import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  axeViolations,
  openBrowser,
  openWatched,
  type WatchedPage,
} from '../../helpers/browsers/dashboard-browser.ts';
import { type Api, apiOf } from '../../helpers/gates/api.ts';
import { type RunningGate, startGate } from '../../helpers/gates/gate.ts';
import { type SmtpSink, startSmtpSink } from '../../helpers/mail-servers/smtp-sink.ts';
import { createTestCa } from '../../helpers/mail-servers/test-ca.ts';
import { needs } from '../../helpers/programs/outside.ts';

const PASSWORD = 'correct horse battery';

describe.runIf(needs('managing the gate in a browser', 'chromium'))('managing the gate in a browser', () => {
  let browser: Browser;
  let sink: SmtpSink;
  let gate: RunningGate;
  let admin: Api;
  let context: BrowserContext;
  let watched: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    [browser, sink] = await Promise.all([openBrowser(), startSmtpSink()]);
    gate = await startGate({ smarthost: `${sink.host}:${sink.port}` });
    admin = apiOf(gate, gate.adminToken);
    // All tests share one context, so that the browser loads the code of the pages once.
    context = await browser.newContext();
  });
  afterAll(async () => {
    await browser.close();
    await gate.stop();
    await sink.close();
  });
  beforeEach(async () => {
    watched = await openWatched(context, gate.http);
    page = watched.page;
  });
  afterEach(async () => {
    await page.close();
    expect(watched.errors).toEqual([]);
  });

  it('sends a test message through exactly the tested provider', async () => {
    await admin.addProvider({
      ...{ caption: 'Second', host: sink.host, port: sink.port, encryption: 'none', priority: 99 },
    });
    await open('providers');
    await press('Test Second');
    await page.getByText('Test passed', { exact: true }).waitFor();
    await page.getByLabel('Send a test message to').fill('ada@example.net');
    await page.getByLabel('From', { exact: true }).fill('gate@example.com');
    await press('Test again');
    await page.getByText(/^Accepted for ada@example\.net: 250/).waitFor();
    expect(await axeViolations(page)).toEqual([]);
    const mail = await sink.until(() => sink.messages.at(-1));
    expect([mail.sender, mail.recipients]).toEqual(['gate@example.com', ['ada@example.net']]);
    expect(mail.bytes.toString()).toContain('that Second delivers mail');
  });

  it('shows the refused certificate and the reason', async () => {
    const [from, to] = [new Date(Date.now() - 9e8), new Date(Date.now() - 4e8)];
    const certificate = createTestCa('Some authority').issue(['127.0.0.1'], { from, to });
    const old = await startSmtpSink({ tls: { mode: 'starttls', certificate } });
    await open('providers');
    await press('Add provider');
    await press('Own server');
    await page.getByLabel('Host', { exact: true }).fill('127.0.0.1');
    await page.getByLabel('Port', { exact: true }).fill(String(old.port));
    await press('Test connection');
    await page.getByText('Test failed').waitFor();
    await page.getByText(/^TLS failed: /).waitFor();
    await page.getByText('Certificate for 127.0.0.1, issued by Some authority: expired').waitFor();
    await old.close();
  });

  it('adds a pickup directory as a provider, and reports a wrong path', async () => {
    await open('providers');
    await press('Add provider');
    await press('Pickup directory');
    await page.getByLabel('Name', { exact: true }).fill('Drop');
    await page.getByLabel('Directory', { exact: true }).fill(`${gate.data}/nowhere`);
    await press('Test connection');
    await page.getByText('Test failed').waitFor();
    await page.getByLabel('Directory', { exact: true }).fill(gate.data);
    await press('Test connection');
    await page.getByText('Test passed', { exact: true }).waitFor();
    await press('Save');
    await press('Edit Drop');
    expect(await page.getByLabel('Directory', { exact: true }).inputValue()).toBe(gate.data);
    await press('Remove provider "Drop"');
    await press('Remove provider "Drop"?');
    await page.getByRole('button', { name: 'Edit Drop' }).waitFor({ state: 'detached' });
  });

  it('changes the order of thirty providers by keyboard and by dragging', async () => {
    const name = (index: number) => `Way ${String(index).padStart(2, '0')}`;
    for (let index = 1; index <= 30; index++) {
      const to = { host: sink.host, port: sink.port, encryption: 'none', isEnabled: false };
      await admin.addProvider({ caption: name(index), priority: 100 + index, ...to });
    }
    await open('providers');
    const handle = (caption: string) => page.getByRole('button', { name: new RegExp(`: ${caption}\\.`) });
    await handle(name(30)).focus();
    await page.keyboard.press('ArrowUp');
    await expect.poll(order).toEqual([name(28), name(30), name(29)]);
    // The focus moved with the provider.
    await untilSaved();
    await page.keyboard.press('ArrowUp');
    await expect.poll(order).toEqual([name(30), name(28), name(29)]);
    await page.getByText(`${name(30)} is now at position 30 of 32`).waitFor({ state: 'attached' });
    await untilSaved();
    await handle(name(29)).dragTo(handle(name(30)));
    await expect.poll(order).toEqual([name(29), name(30), name(28)]);

    /** Waits until the gate has saved the order, and the page accepts the next move. */
    async function untilSaved(): Promise<void> {
      await page.locator('.handle[aria-disabled=true]').first().waitFor({ state: 'detached' });
    }

    /** The last three providers in the order of the gate. */
    async function order(): Promise<readonly unknown[]> {
      const { providers } = await admin.ask<{ providers: { caption: string; priority: number }[] }>(
        ...(['GET', '/v1/providers'] as const),
      );
      const ordered = providers.toSorted((a, b) => a.priority - b.priority);
      return ordered.slice(-3).map(({ caption }) => caption);
    }
  });

  it('disables, enables, pauses and resumes one provider and all of them', async () => {
    await open('providers');
    await press('Disable Second');
    await press('Enable Second');
    await press('Pause Second');
    await page.getByRole('button', { name: 'Resume Second' }).waitFor();
    await open('queue');
    await press('Pause all');
    await page.getByRole('button', { name: 'Resume Way 01', exact: true }).waitFor();
    await press('Resume Way 01');
    await page.getByRole('button', { name: 'Pause Way 01', exact: true }).waitFor();
    await press('Resume all');
    await page
      .getByRole('button', { name: /^Resume (?!all)/ })
      .first()
      .waitFor({ state: 'detached' });
  });

  it('adds a webhook to an account, shows its signing secret once, and removes the webhook', async () => {
    await open('accounts');
    await press('Add account');
    await page.getByLabel('Name').fill('shop');
    await page.getByLabel('Allowed senders').fill('@example.com');
    await page.getByLabel('URL').fill('https://hooks.example.com/postern');
    await page.getByLabel('bounced').check();
    await press('Save');
    const secret = await page.locator('.secret-text').innerText();
    expect(secret).toMatch(/^whsec_/);
    expect(await axeViolations(page)).toEqual([]);
    await press('Done');
    expect(await page.content()).not.toContain(secret);
    await page.getByRole('cell', { name: 'hooks.example.com bounced' }).waitFor();
    await press('Edit shop');
    await page.getByLabel('URL').fill('');
    await press('Save');
    await page.getByText('hooks.example.com').waitFor({ state: 'detached' });
  });

  it('sets the balance, the quotas and the block list of temp-mail addresses', async () => {
    const { address } = await admin.ask<{ address: string }>('POST', '/v1/addresses', { name: 'parcels' });
    await open('addresses');
    await page.getByText('Not requested').waitFor();
    await press(`Balance of ${address}`);
    await page.getByLabel('Remaining recipients').fill('25');
    await press('Save');
    await page.getByRole('cell', { name: '25', exact: true }).waitFor();
    await press('Quotas and block list…');
    await page.getByLabel('Recipients per day').fill('500');
    await page.getByLabel('Block list', { exact: true }).fill('@bad.test\n\n@bad.test\nspam');
    expect(await axeViolations(page)).toEqual([]);
    await press('Save');
    await page.getByText('500 recipients').waitFor();
    expect(await admin.ask('GET', '/v1/temp-mail')).toEqual({
      ...{ blockList: ['@bad.test', 'spam'], maxPerDay: 500, maxPerMonth: null },
    });
  });

  it('adds users, changes roles, ends sessions, removes users, and protects the last administrator', async () => {
    const audited = async () =>
      (await admin.ask<{ entries: object[] }>('GET', '/v1/audit?kind=user')).entries;
    await open('users');
    for (const [name, role] of [
      ['ada', 'admin'],
      ['vera', 'viewer'],
    ] as const) {
      await press('Add user');
      await page.getByLabel('Name').fill(name);
      await page.getByLabel('Role', { exact: true }).selectOption(role);
      await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await press('Add');
      await page.getByLabel(`Role of ${name}`).waitFor();
    }
    expect(await page.getByRole('button', { name: 'Remove user "ada"' }).isDisabled()).toBe(true);
    expect(await page.getByLabel('Role of ada').isDisabled()).toBe(true);
    await page.getByLabel('Role of vera').selectOption('admin');
    await page.locator(`[aria-label='Remove user "ada"']:enabled`).waitFor();
    await press('Set password of vera');
    await page.getByLabel('Password', { exact: true }).fill('another good password');
    await press('Set password');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const session = { user: 'vera', password: 'another good password' };
    expect((await apiOf(gate).call('POST', '/v1/session', session)).status).toBe(201);
    await press('End sessions of vera');
    await press('End sessions of vera?');
    await expect
      .poll(audited)
      .toContainEqual(expect.objectContaining({ changes: { sessions: [null, 'ended'] } }));
    await press('Remove user "vera"');
    await press('Remove user "vera"?');
    await page.getByLabel('Role of vera').waitFor({ state: 'detached' });
    await open('audit?kind=user');
    await page.getByRole('cell', { name: 'removed user vera' }).waitFor();
  });

  async function open(path: string): Promise<void> {
    await page.goto(`${gate.http}/#/${path}`);
    await page.locator('main h1').waitFor();
    await page.locator('.loading').first().waitFor({ state: 'detached' });
  }

  function press(name: string): Promise<void> {
    return page.getByRole('button', { name, exact: true }).click();
  }
});
