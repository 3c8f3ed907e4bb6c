// node tools/node/run.js scripts/print-screenshots.ts: saves a screenshot of every page of the dashboard, with the light and
// the dark theme, in docs/images. Needs Chromium.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { signIn } from '../test/helpers/browsers/browser-session.ts';
import { openBrowser } from '../test/helpers/browsers/dashboard-browser.ts';
import { type Api, apiOf } from '../test/helpers/gates/api.ts';
import { startGate } from '../test/helpers/gates/gate.ts';
import { startServe } from '../test/helpers/gates/serve.ts';
import { startSmtpSink } from '../test/helpers/mail-servers/smtp-sink.ts';
import { writeLongHistory } from '../test/helpers/stores/long-history.ts';
import { root } from './tool.ts';

const FOLDER = join(root, 'docs', 'images');
const THEMES = ['light', 'dark'] as const;
/** Pages that show three weeks of mail. */
const PAGES = ['overview', 'messages', 'queue', 'bounces', 'providers', 'accounts', 'users', 'audit'];
const MESSAGES = 24_000;
/** Limit for a screenshot, because every clone of the repository contains it. */
const MAX_BYTES = 170 * 1024;

const sink = await startSmtpSink({
  answer: ({ stage, line }) => {
    if (stage !== 'rcpt') return undefined;
    if (line.includes('nobody')) return '550 5.1.1 No such user here';
    return line.includes('busy') ? '451 4.7.1 Greylisted, try again later' : undefined;
  },
});
const data = mkdtempSync(join(tmpdir(), 'postern-screenshots-'));
const store = join(data, 'postern.sqlite');
const settings = { development: 'false', store: `sqlite:${store}` };
const first = await startServe({ data, settings });
await setUp(apiOf(first, first.adminToken));
await first.stop();
writeLongHistory(store, { messages: MESSAGES, now: Date.now() });
const gate = await startServe({ data, settings });
const live = await startGate({ smarthost: `${sink.host}:${sink.port}` });
const inbox = await startGate();
const browser = await openBrowser();
try {
  const deferred = await sendOrders(apiOf(live, live.key));
  await sendOrders(apiOf(inbox, inbox.key));
  for (const name of ['parcels', 'signups', 'tests'])
    await apiOf(inbox, inbox.adminToken).ask('POST', '/v1/addresses', { name });
  const { cookie } = await signIn(gate, { user: 'ada', password: 'correct horse battery' });
  const [name = '', value = ''] = cookie.split('=');
  mkdirSync(FOLDER, { recursive: true });
  for (const colorScheme of THEMES) {
    const context = await browser.newContext({ colorScheme, viewport: { width: 1280, height: 660 } });
    await capture(context, gate.http, 'overview', `sign-in-${colorScheme}`);
    await context.addCookies([{ name, value, url: gate.http }]);
    for (const path of PAGES) await capture(context, gate.http, path, `${path}-${colorScheme}`);
    await capture(context, live.http, `messages/${deferred}`, `message-${colorScheme}`);
    await capture(context, inbox.http, 'inbox', `inbox-${colorScheme}`);
    await capture(context, inbox.http, 'addresses', `addresses-${colorScheme}`);
    await context.close();
  }
} finally {
  await browser.close();
  await Promise.all([gate.stop(), live.stop(), inbox.stop(), sink.close()]);
  rmSync(data, { recursive: true });
}

/** Adds the providers and accounts of the history, and users. */
async function setUp(api: Api): Promise<void> {
  for (const [caption, maxPerSecond] of [
    ['Amazon SES', 14],
    ['Mailgun', 10],
    ['Own server', 5],
  ] as const) {
    const host = `smtp.${caption.toLowerCase().replace(' ', '-')}.example`;
    const login = { username: 'postern', password: 'a password' };
    await api.addProvider({
      kind: 'smtp',
      caption,
      host,
      port: 587,
      encryption: 'tls',
      ...login,
      maxPerSecond,
    });
  }
  for (const name of ['shop', 'newsletter', 'billing', 'support']) {
    const newAccount = { allowedSenders: ['*@example.com'] };
    const key = { account: name, name: `${name}-production`, scopes: ['send', 'read'], newAccount };
    await api.ask('POST', '/v1/keys', key);
  }
  for (const [name, role] of [
    ['ada', 'admin'],
    ['grace', 'operator'],
    ['vera', 'viewer'],
  ])
    await api.ask('POST', '/v1/users', { name, role, password: 'correct horse battery' });
}

/** Sends messages and waits for the first attempts. Resolves with the id of a deferred message. */
async function sendOrders(api: Api): Promise<string> {
  const recipients = ['ada@example.net', 'busy@example.net', 'grace@example.org', 'nobody@example.net'];
  const ids: string[] = [];
  for (const [index, to] of [...recipients, ...recipients, ...recipients].entries()) {
    ids.push(
      await api.send({
        from: 'Shop <shop@example.com>',
        ...{ to, subject: `Your order ${1001 + index} is on its way`, tags: ['order'] },
        text: 'Thank you!\n\nYour parcel left our house today.',
        html: '<h1>Thank you!</h1><p>Your parcel left our house today.</p>',
      }),
    );
  }
  for (const id of ids) await api.reach(id, 'delivered', 'deferred', 'bounced');
  return ids[1] ?? '';
}

async function capture(context: BrowserContext, http: string, path: string, name: string): Promise<void> {
  const page = await context.newPage();
  await page.goto(`${http}/#/${path}`);
  await page.locator('main h1').waitFor();
  await page.locator('.loading').first().waitFor({ state: 'detached' });
  const screenshot = await screenshotOf(page);
  await page.close();
  if (screenshot.length > MAX_BYTES)
    throw new Error(`${name}.png has ${screenshot.length} bytes; the limit is ${MAX_BYTES}`);
  writeFileSync(join(FOLDER, `${name}.png`), screenshot);
}

/** A screenshot of the page after it stops changing: late responses and frames have loaded. */
async function screenshotOf(page: Page): Promise<Buffer> {
  let before: Buffer = Buffer.alloc(0);
  for (let look = 0; look < 10; look += 1) {
    await page.waitForTimeout(700);
    const now = await page.screenshot({ animations: 'disabled' });
    if (now.equals(before)) return now;
    before = now;
  }
  return before;
}
