import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeViolations, openBrowser } from '../../helpers/browsers/dashboard-browser.ts';
import { apiOf } from '../../helpers/gates/api.ts';
import { type ServedGate, startServe } from '../../helpers/gates/serve.ts';
import { needs } from '../../helpers/programs/outside.ts';
import { WAIT_MS } from '../../helpers/programs/patience.ts';

const ADA = { name: 'ada', role: 'admin', password: 'correct horse battery' };

describe.runIf(needs('outages in a browser', 'chromium'))('the dashboard during an outage', () => {
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

  it('shows that the gate does not respond, and reconnects when it is back', async () => {
    const page = await signedIn();
    await page.goto(`${gate.http}/#/queue`);
    await page.getByRole('heading', { name: 'Queue' }).waitFor();
    await page.locator('.loading').first().waitFor({ state: 'detached' });
    await gate.stop();
    await page.getByText('The gate does not respond.').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Pause all' }).click();
    await page.getByRole('alert').getByText('The gate cannot be reached. Is it running?').waitFor();
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByText('Reconnecting…').waitFor();
    gate = await start(Number(new URL(gate.http).port));
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Queue' }).click();
    await page.getByText('The gate does not respond.').waitFor({ state: 'detached' });
    await page.close();
  });

  it('shows the sign-in form when the session ends while a page is open', async () => {
    const page = await signedIn();
    const admin = apiOf(gate, gate.adminToken);
    const { users } = await admin.ask<{ users: { id: number }[] }>('GET', '/v1/users');
    await admin.ask('DELETE', `/v1/users/${users[0]?.id}/sessions`);
    await page.getByLabel('User name').waitFor();
    await page.close();
  });

  it('shows times in the time zone of the user, and the exact time on hover', async () => {
    const page = await signedIn({ timezoneId: 'Asia/Tokyo', locale: 'en-GB' });
    await page.goto(`${gate.http}/#/users`);
    const time = page.locator('td time').first();
    const at = new Date((await time.getAttribute('datetime')) ?? '');
    const clock = at.toLocaleTimeString('en-GB', { timeZone: 'Asia/Tokyo' });
    expect(await time.innerText()).toContain(clock);
    expect(await time.getAttribute('title')).toContain(`${clock} GMT+9 · ${at.toISOString()}`);
    await page.close();
  });

  it('has no animation for a user who prefers reduced motion', async () => {
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
    await page.getByLabel('User name').fill(ADA.name);
    await page.getByLabel('Password').fill(ADA.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    return page;
  }
});
