import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../../helpers/browsers/dashboard-browser.ts';
import { apiOf } from '../../helpers/gates/api.ts';
import { type RunningGate, startGate, until } from '../../helpers/gates/gate.ts';
import { type SmtpSink, startSmtpSink } from '../../helpers/mail-servers/smtp-sink.ts';
import { needs } from '../../helpers/programs/outside.ts';
import { WAIT_MS } from '../../helpers/programs/patience.ts';

/** Content that tries to run a script or to make a request to `trap`. */
const PAYLOADS = (trap: string): readonly string[] => [
  `<script>alert(1);fetch('${trap}/script')</script>`,
  `<img src="${trap}/image" onerror="alert(1)">`,
  `"><svg onload="alert(1);fetch('${trap}/svg')">`,
  `'"><iframe src="javascript:alert(1)"></iframe><iframe src="${trap}/frame"></iframe>`,
  `<a href="javascript:alert(1)">x</a><form action="${trap}/form"><input autofocus onfocus="alert(1)"></form>`,
  `<style>@import "${trap}/style";*{background:url(${trap}/background)}</style>`,
  `<link rel="stylesheet" href="${trap}/link"><meta http-equiv="refresh" content="0;url=${trap}/refresh">`,
  `<video poster="${trap}/video"></video><object data="${trap}/object"></object><base href="${trap}/">`,
  `{{constructor.constructor('alert(1)')()}}\${alert(1)}javascript:alert(1)`,
];

const PAGES = [
  ...[
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
  ],
];

describe.runIf(needs('hostile content in a browser', 'chromium'))('hostile content in the dashboard', () => {
  let browser: Browser;
  let gate: RunningGate;
  let sink: SmtpSink;
  let trap: Server;
  let payloads: readonly string[];
  const visits: string[] = [];
  let reply = '';

  beforeAll(async () => {
    trap = createServer((request, response) => {
      visits.push(request.url ?? '');
      response.end('alert(1)');
    });
    await new Promise<void>(resolve => trap.listen(0, '127.0.0.1', resolve));
    payloads = PAYLOADS(`http://127.0.0.1:${(trap.address() as AddressInfo).port}`);
    sink = await startSmtpSink({
      answer: ({ stage }) => (stage === 'rcpt' ? `550 5.1.1 ${reply}` : undefined),
    });
    gate = await startGate({ smarthost: `${sink.host}:${sink.port}` });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await gate.stop();
    await sink.close();
    await promisify(trap.close.bind(trap))();
  });

  it('runs no script and makes no request to another host on any page', async () => {
    const api = apiOf(gate, gate.key);
    const admin = apiOf(gate, gate.adminToken);
    const [providers, page] = await Promise.all([
      admin.ask<{ providers: { id: number }[] }>('GET', '/v1/providers'),
      browser.newPage(),
    ]);
    const dialogs: string[] = [];
    page.on('dialog', dialog => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    page.setDefaultTimeout(WAIT_MS);
    for (const payload of payloads) {
      reply = payload;
      const { id } = await api.ask<{ id: string }>('POST', '/v1/messages', {
        from: { name: payload, address: 'shop@example.com' },
        to: { name: payload, address: 'ada@example.net' },
        subject: payload,
        text: payload,
        html: `<p>begin</p>${payload}<p>end</p>`,
        tags: ['x'],
        attachments: [
          { filename: payload.replaceAll('/', '').slice(0, 100), content: 'aGk=', contentType: 'text/html' },
        ],
      });
      await admin.ask('PATCH', `/v1/providers/${providers.providers[0]?.id}`, {
        caption: payload.slice(0, 255),
      });
      await until(async () => (await api.story(id)).recipients[0]?.state === 'bounced', 'the bounce');
      await page.goto(`${gate.http}/#/messages/${id}`);
      await page.locator('.timeline', { hasText: '550' }).waitFor();
      await page.frameLocator('iframe').getByText('begin').waitFor();
      for (const tab of ['Text', 'Headers', 'Attachments', 'Source']) {
        await page.getByRole('tab', { name: tab }).click();
      }
      await page.getByRole('button', { name: 'Copy as curl…' }).click();
      await page.getByRole('dialog').waitFor();
    }
    for (const [index, payload] of payloads.entries()) {
      const name = payload.slice(0, 60) + index;
      await admin.ask('POST', '/v1/users', { name, role: 'viewer', password: 'a good password' });
      await admin.ask('POST', '/v1/accounts', { name: payload, allowedSenders: ['*'] });
      await admin.ask('POST', '/v1/keys', { name: payload, account: payload, scopes: ['send'] });
    }
    await admin.ask('PATCH', '/v1/temp-mail', { blockList: payloads });
    await page.reload();
    for (const path of PAGES) {
      await page.goto(`${gate.http}/#/${path}`);
      await page.locator('main h1').waitFor();
      await page.locator('.loading').first().waitFor({ state: 'detached' });
    }
    expect([dialogs, visits]).toEqual([[], []]);
    expect(page.url().startsWith(gate.http)).toBe(true);
  });

  it('has no inline script or style, and loads nothing from other hosts', async () => {
    const answer = await fetch(gate.http);
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/default-src 'none'; script-src 'self'; style-src 'self';/);
    expect(policy).not.toContain('unsafe');
    expect(await answer.text()).not.toMatch(/<script(?![^>]* src="\.\/assets\/)|<style|style=|https?:/);
  });
});
