import type { DialectReply } from '../dialects/dialect.ts';
import { createDashboardPages } from './dashboard-pages.ts';
import { docsPage } from './docs-page.ts';
import { createExamplePages } from './example-pages.ts';
import type { HttpContext } from './http-context.ts';
import { openApi } from './openapi.ts';
import type { HttpPage } from './request-handler.ts';

/** Returns the pages beside the APIs: health, metrics, API description, samples, and the dashboard. */
export function createPages(context: HttpContext): readonly HttpPage[] {
  const description = openApi(context.dialects, context.version);
  const descriptionText = JSON.stringify(description, null, 2);
  const docs = docsPage(description);
  return [
    { path: '/healthz', answer: () => plain(200, 'ok') },
    {
      path: '/readyz',
      answer: async () => ((await context.isReady()) ? plain(200, 'ready') : plain(503, 'not ready')),
    },
    { path: '/metrics', scope: 'read', answer: () => metrics(context) },
    {
      path: '/openapi.json',
      answer: () => ({ status: 200, headers: { 'content-type': 'application/json' }, body: descriptionText }),
    },
    { path: '/docs', answer: () => docs },
    ...createExamplePages(),
    ...createDashboardPages(),
  ];
}

function plain(status: number, word: string): DialectReply {
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
    body: `${word}\n`,
  };
}

async function metrics(context: HttpContext): Promise<DialectReply> {
  const { contentType, text } = await context.metrics();
  return { status: 200, headers: { 'content-type': contentType }, body: text };
}
