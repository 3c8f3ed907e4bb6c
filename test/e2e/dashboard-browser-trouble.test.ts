import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiOf } from '../helpers/api.ts';
import { axeViolations, openBrowser } from '../helpers/dashboard-browser.ts';
import { needs } from '../helpers/outside.ts';
import { WAIT_MS } from '../helpers/patience.ts';
import { type ServedGate, startServe } from '../helpers/serve.ts';

const ADA = { name: 'ada', role: 'admin', password: 'correct horse battery' };

describe.runIf(needs('trouble in a browser', 'chromium'))('the dashboard in trouble', () => {
  const data = mkdtempSync(join(tmpdir(), 'postern-trouble-'));
  let browser: Browser;
  let gate: ServedGate;

  beforeAll(async () => {
    [browser, gate] = await Promise.all([openBrowser(), start(0)]);
    await apiOf(gate, gate.adminToken).ask('POST', '/v1/users', ADA);
  });
  afterAll(async () => {
    await browser.close();
    await gate.stop();
    rmSync(data, { recursive: true });
  });

  it('says when the gate is gone while a page is open, and goes on when it is back', async () => {
    const page = await signedIn();
    await page.goto(`${gate.http}/#/queue`);
    await page.getByRole('heading', { name: 'Queue' }).waitFor();
    await page.locator('.loading').first().waitFor({ state: 'detached' });
    await gate.stop();
    await page.getByText('The gate does not answer.').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Pause all' }).click();
    await page.getByRole('alert').getByText('The gate cannot be reached. Is it running?').waitFor();
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByText('reconnecting…').waitFor();
    gate = await start(Number(new URL(gate.http).port));
    await page.getByText('live', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Queue' }).click();
    await page.getByText('The gate does not answer.').waitFor({ state: 'detached' });
    await page.close();
  });

  it('shows the sign-in when the session has ended while a page is open', async () => {
    const page = await signedIn();
    const admin = apiOf(gate, gate.adminToken);
    const { users } = await admin.ask<{ users: { id: number }[] }>('GET', '/v1/users');
    await admin.ask('DELETE', `/v1/users/${users[0]?.id}/sessions`);
    await page.getByLabel('User').waitFor();
    await page.close();
  });

  it('tells times in the zone of the viewer, and the exact one where the mouse rests', async () => {
    const page = await signedIn({ timezoneId: 'Asia/Tokyo', locale: 'en-GB' });
    await page.goto(`${gate.http}/#/users`);
    const time = page.locator('td time').first();
    const at = new Date((await time.getAttribute('datetime')) ?? '');
    const clock = at.toLocaleTimeString('en-GB', { timeZone: 'Asia/Tokyo' });
    expect(await time.innerText()).toContain(clock);
    expect(await time.getAttribute('title')).toContain(`${clock} GMT+9 · ${at.toISOString()}`);
    await page.close();
  });

  it('moves nothing for who wants no motion', async () => {
    const context = await browser.newContext({ reducedMotion: 'reduce' });
    const page = await context.newPage();
    await page.goto(gate.http);
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    const moving = await page.evaluate(
      `[...document.querySelectorAll('*')].filter(e => {
        const { animationName, transitionDuration } = getComputedStyle(e);
        return animationName !== 'none' || transitionDuration !== '0s';
      }).length`,
    );
    expect(moving).toBe(0);
    await context.close();
  });

  function start(port: number): Promise<ServedGate> {
    return startServe({ data, settings: { development: 'false', 'http.port': port } });
  }

  async function signedIn(options: BrowserContextOptions = {}): Promise<Page> {
    const page = await browser.newPage(options);
    page.setDefaultTimeout(WAIT_MS);
    await page.goto(gate.http);
    await page.getByLabel('User').fill(ADA.name);
    await page.getByLabel('Password').fill(ADA.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    return page;
  }
});
