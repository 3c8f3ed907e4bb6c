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
import { type ServedGate, startServe } from '../../helpers/gates/serve.ts';
import { type SmtpSink, startSmtpSink } from '../../helpers/mail-servers/smtp-sink.ts';
import { needs } from '../../helpers/programs/outside.ts';

const canRun = needs('the dashboard in a browser', 'chromium');
const PASSWORD = 'correct horse battery';
const PHONE = { width: 390, height: 844 };

/** All pages without an id in their path. */
const PAGES = [
  'overview',
  'messages',
  'queue',
  'bounces',
  'inbox',
  'providers',
  'accounts',
  'addresses',
  'users',
  'audit',
];

describe.runIf(canRun)('the dashboard in a browser', () => {
  let browser: Browser;
  let sink: SmtpSink;
  let gate: RunningGate;
  let api: Api;
  let context: BrowserContext;
  let watched: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    browser = await openBrowser();
    sink = await startSmtpSink({
      answer: ({ stage, line }) => {
        if (stage !== 'rcpt') return undefined;
        if (line.includes('nobody')) return '550 5.1.1 No such user here';
        return line.includes('later') ? '451 4.7.1 Greylisted' : undefined;
      },
    });
    gate = await startGate({ smarthost: `${sink.host}:${sink.port}` });
    api = apiOf(gate, gate.key);
    // All tests share one context, so that the browser loads the code of the pages once.
    context = await browser.newContext();
    await send('Parcel one', 'ada@example.net');
    await send('Parcel two', 'nobody@example.net');
    await send('Parcel three', 'later@example.net');
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

  it('opens signed in when development mode allows it', async () => {
    await page.goto(gate.http);
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.getByText('Recipients over time', { exact: true }).first().waitFor();
    // The figures are a few seconds late and update by themselves.
    await page.locator('.tile', { hasText: /^Accepted3$/ }).waitFor();
  });

  it('finds a message by its recipient and shows its timeline and source', async () => {
    await open('messages');
    await page.getByRole('searchbox').fill('nobody@example.net');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Parcel one' }).waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Parcel two' }).click();
    await page.getByRole('heading', { name: 'Parcel two' }).waitFor();
    await page.locator('.timeline', { hasText: '550 5.1.1 No such user here' }).waitFor();
    await page.getByRole('tab', { name: 'Source' }).click();
    await page.getByText('Subject: Parcel two').waitFor();
  });

  it('finds messages by words, sender, state and time, and shows when none match', async () => {
    await open('messages');
    for (const [words, found] of [
      ['three', ['Parcel three']],
      ['from:@example.com two', ['Parcel two']],
      ['tag:none', []],
    ] as const) {
      await page.getByRole('searchbox').fill(words);
      await page.keyboard.press('Enter');
      if (found.length === 0) await page.getByText('No messages match').waitFor();
      else await expect.poll(() => page.locator('.row-target').allInnerTexts()).toEqual(found);
    }
    await open('messages?state=delivered&range=3600000');
    await expect.poll(() => page.locator('.row-target').allInnerTexts()).toEqual(['Parcel one']);
  });

  it('retries a late message and cancels it', async () => {
    await open('messages?words=three');
    await page.getByRole('link', { name: 'Parcel three' }).click();
    await page.getByRole('button', { name: 'Retry now' }).click();
    await page.locator('.timeline', { hasText: 'Attempt 2' }).waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.locator('.timeline .state', { hasText: 'cancelled' }).waitFor();
  });

  it('resends a message to another recipient', async () => {
    await open('messages?words=one');
    await page.getByRole('link', { name: 'Parcel one' }).first().click();
    await page.getByRole('button', { name: 'Resend…' }).click();
    await page.getByLabel('To', { exact: true }).fill('grace@example.net');
    await page.getByRole('button', { name: 'Resend', exact: true }).click();
    await sink.until(() => sink.messages.some(({ recipients }) => recipients.join().includes('grace')));
    await page.getByRole('cell', { name: 'grace@example.net' }).waitFor();
  });

  it('tests the connection of a new provider, adds it, pauses it and removes it', async () => {
    await open('providers');
    await page.getByRole('button', { name: 'Add provider' }).click();
    await page.getByRole('button', { name: 'Own server' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Spare');
    await page.getByLabel('Host', { exact: true }).fill(sink.host);
    await page.getByLabel('Port', { exact: true }).fill(String(sink.port));
    await page.getByLabel('Encryption').selectOption('none');
    await page.getByRole('button', { name: 'Test connection' }).click();
    await page.getByText('Test passed', { exact: true }).waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Pause Spare' }).click();
    await page.getByRole('button', { name: 'Resume Spare' }).waitFor();
    await page.getByRole('button', { name: 'Edit Spare' }).click();
    await page.getByRole('button', { name: 'Remove provider "Spare"', exact: true }).click();
    await page.getByRole('button', { name: 'Remove provider "Spare"?' }).click();
    await page.getByRole('button', { name: 'Edit Spare' }).waitFor({ state: 'detached' });
  });

  it('creates a key, shows its secret once, and revokes it', async () => {
    await open('accounts');
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByLabel('Name').fill('shop');
    await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click();
    const secret = await page.locator('.secret-text').innerText();
    await apiOf(gate, secret).ask('GET', '/v1/messages');
    await page.getByRole('button', { name: 'Done' }).click();
    expect(await page.content()).not.toContain(secret);
    await page.getByRole('button', { name: 'Revoke key "shop"', exact: true }).click();
    await page.getByRole('button', { name: 'Revoke key "shop"?' }).click();
    await page.getByText('Revoked').waitFor();
  });

  it('adds a temp-mail address, shows its password and deletes it', async () => {
    await open('addresses');
    await page.getByRole('button', { name: 'Add address' }).click();
    await page.getByLabel('Name').fill('parcels');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    const jwt = await page.locator('.secret-text').innerText();
    expect(jwt).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: /^Password of .*parcels@/ }).click();
    await page.locator('.secret-text').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: /^Delete .*parcels@/ }).click();
    await page.getByRole('button', { name: /^Delete .*parcels@.*\?$/ }).click();
    await page.getByText('No addresses yet').waitFor();
  });

  it('shows how many messages match a filter, then cancels them', async () => {
    await send('Batch a', 'later@batch.example');
    await send('Batch b', 'later@batch.example');
    await expect.poll(async () => (await deferred()).length).toBe(2);
    await open('queue');
    await page.getByRole('button', { name: 'Bulk cancel…' }).click();
    await page.getByLabel('State').selectOption('deferred');
    await page.getByLabel('Search').fill('@batch.example');
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByText('2 messages match.').waitFor();
    await page.getByRole('button', { name: 'Cancel 2 messages' }).click();
    await page.getByText('2 done').waitFor();
    expect(await deferred()).toEqual([]);
  });

  it.each([
    { colorScheme: 'light' as const, viewport: { width: 1280, height: 800 } },
    { colorScheme: 'dark' as const, viewport: PHONE },
  ])('has no accessibility violation that axe finds and does not scroll sideways: %o', async options => {
    const other = await browser.newContext(options);
    const { page: tested, errors } = await openWatched(other, gate.http);
    const { messages } = await api.ask<{ messages: { id: string }[] }>('GET', '/v1/messages?limit=1');
    for (const path of [...PAGES, `messages/${messages[0]?.id}`]) {
      await tested.goto(`${gate.http}/#/${path}`);
      await tested.locator('main h1').waitFor();
      await tested.locator('.loading').first().waitFor({ state: 'detached' });
      expect(await axeViolations(tested), path).toEqual([]);
      const isWide = await tested.evaluate('document.documentElement.scrollWidth > innerWidth');
      expect(isWide, `${path} scrolls sideways`).toBe(false);
    }
    await other.close();
    expect(errors).toEqual([]);
  });

  it('does not show accepted recipients for a single provider, and explains why', async () => {
    await open('overview?provider=1');
    await page.getByText('Accepted recipients are not shown').waitFor();
    await page.locator('.tile', { hasText: 'Delivered' }).waitFor();
    expect(await page.locator('.tile', { hasText: 'Accepted' }).count()).toBe(0);
    expect(await page.locator('.legend').innerText()).not.toMatch(/accepted/i);
  });

  it('works with the keyboard alone', async () => {
    await open('messages');
    await page.locator('.row-target').first().waitFor();
    await page.locator('.row-target').first().focus();
    await page.keyboard.press('Enter');
    await page.getByRole('tablist').waitFor();
    await page.getByRole('tab', { selected: true }).focus();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('tab', { name: 'Headers', selected: true }).waitFor();
    await page.getByRole('button', { name: 'Copy as curl…' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('keeps the chosen theme after a reload', async () => {
    await open('messages');
    const background = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    const light = await background();
    await page.getByLabel('Theme').selectOption('dark');
    const dark = await background();
    expect(dark).not.toBe(light);
    await page.reload();
    await page.getByRole('heading', { name: 'Messages' }).waitFor();
    expect(await background()).toBe(dark);
  });

  async function open(path: string): Promise<void> {
    await page.goto(`${gate.http}/#/${path}`);
    await page.locator('main h1').waitFor();
  }

  async function deferred(): Promise<readonly unknown[]> {
    const path = '/v1/messages?state=deferred&recipient=@batch.example';
    return (await api.ask<{ messages: unknown[] }>('GET', path)).messages;
  }

  function send(subject: string, to: string): Promise<unknown> {
    return api.ask('POST', '/v1/messages', { from: 'shop@example.com', to, subject, text: 'Thank you!' });
  }
});

describe.runIf(canRun)('the inbox in a browser', () => {
  let browser: Browser;
  let gate: RunningGate;
  beforeAll(async () => {
    browser = await openBrowser();
    gate = await startGate();
  });
  afterAll(async () => {
    await browser.close();
    await gate.stop();
  });

  it('shows a message when it arrives, simulates failures, and deletes all messages', async () => {
    const api = apiOf(gate, gate.key);
    const { page, errors } = await openWatched(await browser.newContext(), gate.http);
    await page.goto(`${gate.http}/#/inbox`);
    await page.getByText('No messages yet').waitFor();
    await send('Hello');
    await page.getByRole('heading', { name: 'Hello' }).waitFor();
    await page.frameLocator('iframe').getByText('It works.').waitFor();

    await page.getByRole('button', { name: 'Chaos…' }).click();
    await page.getByLabel('Reply', { exact: true }).fill('550 5.1.1 Nobody home');
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Enable' }).click();
    await page.getByText('Chaos is enabled').waitFor();
    await api.reach(await send('Refused'), 'bounced');
    await page.getByRole('button', { name: 'Chaos…' }).click();
    await page.getByRole('button', { name: 'Disable' }).click();
    await page.getByText('Chaos is enabled').waitFor({ state: 'detached' });

    await page.getByRole('button', { name: 'Delete all…' }).click();
    await page.getByRole('button', { name: 'Delete all', exact: true }).click();
    await page.getByText('No messages yet').waitFor();
    expect(errors).toEqual([]);

    function send(subject: string): Promise<string> {
      const [from, to] = ['shop@example.com', 'ada@example.net'];
      return api.send({ from, to, subject, text: 'It works.', html: '<p>It works.</p>' });
    }
  });
});

describe.runIf(canRun)('sign-in in a browser', () => {
  let browser: Browser;
  let gate: ServedGate;
  beforeAll(async () => {
    browser = await openBrowser();
    gate = await startServe({ settings: { development: 'false' } });
    const user = { name: 'vera', role: 'viewer', password: PASSWORD };
    await apiOf(gate, gate.adminToken).ask('POST', '/v1/users', user);
  });
  afterAll(async () => {
    await browser.close();
    await gate.stop();
  });

  it('rejects a wrong password with a message, accepts the right one, and shows a viewer no button that changes things', async () => {
    const page = await browser.newPage();
    await page.goto(gate.http);
    await page.getByLabel('User name').fill('vera');
    expect(await axeViolations(page)).toEqual([]);
    await page.getByLabel('Password').fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('vera · viewer').waitFor();
    await page.getByRole('link', { name: 'Accounts' }).click();
    await page.getByRole('heading', { name: 'Accounts and keys' }).waitFor();
    expect(await page.getByRole('button', { name: 'Create key' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('User name').waitFor();
    await page.close();
  });

  it('accepts the operator token', async () => {
    const page = await browser.newPage();
    await page.goto(gate.http);
    await page.getByRole('button', { name: 'Use an operator token' }).click();
    await page.getByLabel('Operator token').fill(gate.adminToken);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('· admin').waitFor();
    await page.close();
  });
});
