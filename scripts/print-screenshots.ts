// node tools/node/run.js scripts/print-screenshots.ts: prints every page of the dashboard, light and dark, into
// docs/images. Needs Chromium.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { apiOf } from '../test/helpers/api.ts';
import { openBrowser } from '../test/helpers/dashboard-browser.ts';
import { startGate } from '../test/helpers/gate.ts';
import { startSmtpSink } from '../test/helpers/smtp-sink.ts';
import { root } from './tool.ts';

const FOLDER = join(root, 'docs', 'images');
const THEMES = ['light', 'dark'] as const;
const PAGES = ['overview', 'messages', 'queue', 'bounces', 'providers', 'accounts', 'users', 'audit'];

const sink = await startSmtpSink({
  answer: ({ stage, line }) => {
    if (stage !== 'rcpt') return undefined;
    if (line.includes('nobody')) return '550 5.1.1 No such user here';
    return line.includes('busy') ? '451 4.7.1 Greylisted, try again later' : undefined;
  },
});
const [gate, inbox] = await Promise.all([startGate({ smarthost: `${sink.host}:${sink.port}` }), startGate()]);
const browser = await openBrowser();
try {
  const [, late = ''] = await fill(apiOf(gate, gate.key));
  await fill(apiOf(inbox, inbox.key));
  mkdirSync(FOLDER, { recursive: true });
  for (const colorScheme of THEMES) {
    const page = await browser.newPage({ colorScheme, viewport: { width: 1280, height: 800 } });
    for (const path of PAGES) await print(page, gate.http, path, `${path}-${colorScheme}`);
    await print(page, gate.http, `messages/${late}`, `message-${colorScheme}`);
    await print(page, inbox.http, 'inbox', `inbox-${colorScheme}`);
    await page.close();
  }
} finally {
  await browser.close();
  await Promise.all([gate.stop(), inbox.stop(), sink.close()]);
}

/** Sends some mail, and waits until all of it was tried; resolves with its ids. */
async function fill(api: ReturnType<typeof apiOf>): Promise<readonly string[]> {
  const people = ['ada@example.net', 'busy@example.net', 'grace@example.org', 'nobody@example.net'];
  const ids: string[] = [];
  for (const [index, to] of [...people, ...people, ...people].entries()) {
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
  return ids;
}

async function print(page: Page, http: string, path: string, name: string): Promise<void> {
  await page.goto(`${http}/#/${path}`);
  await page.reload();
  await page.locator('main h1').waitFor();
  await page.locator('.loading').first().waitFor({ state: 'detached' });
  await page.screenshot({ path: join(FOLDER, `${name}.png`) });
}
