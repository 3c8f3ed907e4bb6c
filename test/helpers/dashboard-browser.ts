import axe from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { findProgram } from './outside.ts';
import { WAIT_MS } from './patience.ts';

/** Starts the Chromium of this machine; for tests that `needs` it. */
export function openBrowser(args: readonly string[] = []): Promise<Browser> {
  const executablePath = findProgram('chromium');
  if (executablePath === undefined) throw new Error('This machine has no Chromium');
  return chromium.launch({
    executablePath,
    // Its sandbox is not to be had by root, as whom tests may run; all pages are our own.
    args: ['--no-sandbox', '--disable-dev-shm-usage', ...args],
    timeout: WAIT_MS,
  });
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
  page.setDefaultTimeout(WAIT_MS);
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

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
}

/** What axe finds wrong with a page, a line each. */
export async function axeViolations(page: Page): Promise<readonly string[]> {
  // Run by the debugger, whom the page's policy does not bind.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>('axe.run(document, { iframes: false })');
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
  );
}
