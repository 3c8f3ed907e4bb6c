import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { requestOf } from '../../test/suites/dialect.ts';
import { createDashboardPages } from './dashboard-pages.ts';

/** A built dashboard. */
function build(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'postern-dashboard-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'assets'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

async function answersOf(folder: string, headers: Record<string, string> = {}) {
  const request = { ...requestOf({ method: 'GET', path: '/' }), headers };
  const pages = createDashboardPages(folder);
  const answers = await Promise.all(
    pages.map(async page => [page.path, await page.answer(request)] as const),
  );
  return Object.fromEntries(answers);
}

test('the dashboard serves its page and its files, and skips unknown file types', async () => {
  const files = { 'index.html': '<p>Hi', 'assets/a-1f.js': 'x()', 'favicon.svg': '<svg/>', 'notes.txt': 'x' };
  const answers = await answersOf(build(files));
  expect(Object.keys(answers).sort()).toEqual(['/', '/assets/a-1f.js', '/favicon.svg']);
  expect(answers['/']?.headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
    'content-security-policy': expect.stringMatching(/^default-src 'none'; script-src 'self';/),
  });
  expect(answers['/assets/a-1f.js']?.headers).toMatchObject({
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=31536000, immutable',
  });
});

test('the dashboard sends a compressed file to a browser that accepts its coding', async () => {
  const folder = build({
    'index.html': '<p>Hi',
    'index.html.br': 'b',
    'index.html.gz': 'g',
    'logo.png': 'png',
  });
  const sent = async (accepted: string) => {
    const page = (await answersOf(folder, { 'accept-encoding': accepted }))['/'];
    return [page?.headers?.['content-encoding'], page?.headers?.['vary'], String(page?.body)];
  };
  expect(await sent('gzip, deflate, br, zstd')).toEqual(['br', 'accept-encoding', 'b']);
  expect(await sent('gzip;q=1.0, *;q=0.5')).toEqual(['gzip', 'accept-encoding', 'g']);
  expect(await sent('')).toEqual([undefined, 'accept-encoding', '<p>Hi']);
  const { '/logo.png': logo } = await answersOf(folder, { 'accept-encoding': 'br, gzip' });
  expect(logo?.headers).not.toHaveProperty('content-encoding');
});

test('the dashboard has no pages if it was not built', () => {
  expect(createDashboardPages(build({}))).toEqual([]);
});
