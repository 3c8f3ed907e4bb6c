import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { html } from '../dialects/html.ts';
import { htmlPage } from '../dialects/page-frame.ts';
import type { HttpPage } from './request-handler.ts';

/** The same path in a clone and in the package. */
const FOLDER = join(import.meta.dirname, '../../examples');
const ROOT = '/docs/examples';

/** Returns the pages of the samples: a list and one download for each file. The list is empty if there are no samples. */
export function createExamplePages(folder = FOLDER): readonly HttpPage[] {
  const files = filesIn(folder);
  return [listPage(files), ...files.map(file => downloadPage(folder, file))];
}

/** Returns the paths of the samples below the folder. Each sample is in a folder of its language. */
function filesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter(entry => entry.isFile() && entry.parentPath !== folder);
  return files.map(entry => `${basename(entry.parentPath)}/${entry.name}`).toSorted();
}

function listPage(files: readonly string[]): HttpPage {
  const rows = files.map(
    file => html`<tr><td>${dirname(file)}</td><td><a href="${ROOT}/${file}">${basename(file)}</a></td></tr>`,
  );
  const page = htmlPage(
    200,
    'Samples',
    html`<p>Programs that send an email by the turboSMTP API. Each takes <code>POSTERN_URL</code>, the name of the account as
<code>POSTERN_USER</code> and its key as <code>POSTERN_KEY</code> from its environment.</p>
<table><tr><th>Language</th><th>File</th></tr>${rows}</table>`,
  );
  return { path: ROOT, answer: () => page };
}

function downloadPage(folder: string, file: string): HttpPage {
  const body = readFileSync(join(folder, file));
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    'content-disposition': `attachment; filename="${basename(file)}"`,
    'x-content-type-options': 'nosniff',
  };
  return { path: `${ROOT}/${file}`, answer: () => ({ status: 200, headers, body }) };
}
