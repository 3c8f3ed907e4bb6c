import { createHash } from 'node:crypto';
import type { DialectReply } from './dialect.ts';
import { type Html, html } from './html.ts';

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: #2563eb; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1.5rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
a { color: var(--accent); } code, pre { font: 13px/1.5 ui-monospace, monospace; }
pre { background: var(--soft); padding: .75rem; overflow-x: auto; white-space: pre-wrap; border-radius: 4px; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; }
th, td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; } details { border: 1px solid var(--line); border-radius: 4px; padding: .4rem .75rem; margin: .4rem 0; }
summary { cursor: pointer; } .method { display: inline-block; min-width: 4rem; font-weight: 700; }
iframe { width: 100%; height: 32rem; border: 1px solid var(--line); border-radius: 4px; background: #fff; }
`;

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');
const STYLE_TAG: Html = { markup: `<style>${STYLE}</style>` };

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** An HTML page of the gate. It has no scripts and no external resources, and its policy forbids both. */
export function htmlPage(status: number, title: string, content: Html): DialectReply {
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>${STYLE_TAG}</head>
<body><h1>${title}</h1>${content}</body></html>
`;
  return { status, headers: HEADERS, body: page.markup };
}
