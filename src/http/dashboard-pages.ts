import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import type { HttpPage } from './answer.ts';

/** Where the dashboard is built; in a clone and in the package alike. */
const FOLDER = join(import.meta.dirname, '../../dashboard/dist');
const INDEX = 'index.html';

/** Its own files and this gate's API: nothing from elsewhere, nothing inline, in nobody's frame. */
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
/** How the build compresses files, by the ends of their names; the first that the browser takes is sent. */
const CODINGS = { br: '.br', gzip: '.gz' } as const;

/** The dashboard at `/` with the files it is made of, held in memory; where it was not built there are none. */
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
    // The build names what lies in assets/ after its content.
    'cache-control': name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    ...(coded.length > 0 && { vary: 'accept-encoding' }),
  };
  return {
    path: name === INDEX ? '/' : `/${name}`,
    answer: ({ headers: { 'accept-encoding': accepted = '' } }) => {
      const fit = coded.find(({ coding }) => accepted.split(/[\s,;]+/).includes(coding));
      return fit === undefined
        ? { status: 200, headers, body: plain }
        : { status: 200, headers: { ...headers, 'content-encoding': fit.coding }, body: fit.body };
    },
  };
}
