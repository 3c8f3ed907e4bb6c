import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { root } from '../../scripts/tool.ts';

/** Where Debian, Ubuntu, Fedora and macOS put a Chromium. */
const PLACES = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The Chromium of this machine; undefined where it has none. */
export function findChromium(): string | undefined {
  return PLACES.find(place => place !== undefined && existsSync(place));
}

/** Whether the dashboard was built, as `npm ci` does. */
export function isDashboardBuilt(): boolean {
  return existsSync(join(root, 'dashboard', 'dist', 'index.html'));
}

/** Starts the Chromium of this machine. */
export function openBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('This machine has no Chromium');
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

/** A page, and what went wrong in it or left it. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors of scripts, refusals of the policy, dialogs, and requests to anything but the gate. */
  readonly troubles: readonly string[];
}

/** Opens a page that is watched. */
export async function openWatched(context: BrowserContext, gate: string): Promise<WatchedPage> {
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on('pageerror', error => troubles.push(`error: ${error.message}`));
  page.on('console', message => {
    // The sandbox of the preview says so when it blocks a script; that it did is what we want.
    if (message.type() === 'error' && !/sandbox/.test(message.text()))
      troubles.push(`console: ${message.text()}`);
  });
  page.on('dialog', dialog => {
    troubles.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', request => {
    const url = request.url();
    if (!url.startsWith(gate) && !url.startsWith('data:')) troubles.push(`request: ${url}`);
  });
  return { page, troubles };
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
}

/** What axe finds wrong with a page, a line each. */
export async function axeViolations(page: Page): Promise<readonly string[]> {
  // Run by the debugger, whom the page's policy does not bind.
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate<AxeResults>('axe.run(document, { iframes: false })');
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
  );
}
