import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import type { HttpPage } from './request-handler.ts';

/** Output of the dashboard build: the same path in a clone and in the package. */
const FOLDER = join(import.meta.dirname, '../../dashboard/dist');
const INDEX = 'index.html';

/** Allows only files and the API of this gate: no other origins, no inline code, no frames. */
const POLICY = [
  "default-src 'none'",
  ...["script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'"],
  ...["connect-src 'self'", "frame-src 'self'", "manifest-src 'self'"],
  ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
].join('; ');

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
};
/** File extensions of the compressed files of the build. The first coding that the browser accepts is sent. */
const CODINGS = { br: '.br', gzip: '.gz' } as const;

/** Returns the dashboard at `/` and its files, held in memory; no pages if the dashboard was not built. */
export function createDashboardPages(folder = FOLDER): readonly HttpPage[] {
  if (!existsSync(join(folder, INDEX))) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && extname(entry.name) in TYPES)
    .map(entry => filePage(folder, join(entry.parentPath, entry.name)));
}

function filePage(folder: string, file: string): HttpPage {
  const name = relative(folder, file).split(sep).join('/');
  const type = TYPES[extname(name)] ?? '';
  const plain = readFileSync(file);
  const coded = Object.entries(CODINGS)
    .filter(([, end]) => existsSync(file + end))
    .map(([coding, end]) => ({ coding, body: readFileSync(file + end) }));
  const headers = {
    'content-type': type,
    'content-security-policy': POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    // Files in assets/ have a hash of their content in the name.
    'cache-control': name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    ...(coded.length > 0 && { vary: 'accept-encoding' }),
  };
  return {
    path: name === INDEX ? '/' : `/${name}`,
    answer: ({ headers: { 'accept-encoding': accepted = '' } }) => {
      const match = coded.find(({ coding }) => accepted.split(/[\s,;]+/).includes(coding));
      return match === undefined
        ? { status: 200, headers, body: plain }
        : { status: 200, headers: { ...headers, 'content-encoding': match.coding }, body: match.body };
    },
  };
}
