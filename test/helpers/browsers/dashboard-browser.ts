import axe from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { findProgram } from '../programs/outside.ts';
import { WAIT_MS } from '../programs/patience.ts';

/** Starts the Chromium of this machine. A test asks `needs` first whether there is one. */
export function openBrowser(args: readonly string[] = []): Promise<Browser> {
  const executablePath = findProgram('chromium');
  if (executablePath === undefined) throw new Error('This machine has no Chromium');
  return chromium.launch({
    executablePath,
    // Chromium does not run its sandbox as root, and tests may run as root. All pages are ours.
    args: ['--no-sandbox', '--disable-dev-shm-usage', ...args],
    timeout: WAIT_MS,
  });
}

/** A page and the errors that happened in it. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors of scripts, violations of the content security policy, dialogs, and requests to other hosts than the gate. */
  readonly errors: readonly string[];
}

/** Opens a page and records its errors. */
export async function openWatched(context: BrowserContext, gate: string): Promise<WatchedPage> {
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  const errors: string[] = [];
  page.on('pageerror', error => errors.push(`error: ${error.message}`));
  page.on('console', message => {
    // The sandbox of the preview logs an error when it blocks a script, which is what we want.
    if (message.type() === 'error' && !/sandbox/.test(message.text()))
      errors.push(`console: ${message.text()}`);
  });
  page.on('dialog', dialog => {
    errors.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', request => {
    const url = request.url();
    if (!url.startsWith(gate) && !url.startsWith('data:')) errors.push(`request: ${url}`);
  });
  return { page, errors };
}

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
}

/** The accessibility violations that axe finds in a page, one line each. */
export async function axeViolations(page: Page): Promise<readonly string[]> {
  // The debugger runs it, so that the content security policy does not block it.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>('axe.run(document, { iframes: false })');
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
  );
}
