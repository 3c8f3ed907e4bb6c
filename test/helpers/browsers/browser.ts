import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { WAIT_MS } from '../programs/patience.ts';
import { openBrowser } from './dashboard-browser.ts';

/** Headless Chromium, for which every host under `.test` is this machine. */
export interface TestBrowser {
  /** An empty tab, in a session of its own; `goto` and `evaluate` make it a page of some site. */
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

export async function startBrowser(): Promise<TestBrowser> {
  const browser = await openBrowser([
    '--host-resolver-rules=MAP *.test 127.0.0.1',
    // Its own wall between the Internet and this machine, which other browsers do not have: ours is to be seen.
    '--disable-features=LocalNetworkAccessChecks',
  ]);
  return {
    async newPage() {
      const page = await browser.newPage();
      page.setDefaultTimeout(WAIT_MS);
      return page;
    },
    close: () => browser.close(),
  };
}

/** A web site on loopback with one page, whatever the path. */
export interface TestSite {
  readonly port: number;
  close(): Promise<void>;
}

export async function startSite(html: string): Promise<TestSite> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}
