import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startHttpServer } from '../../test/helpers/gates/http-server.ts';
import { createExamplePages } from './example-pages.ts';

const FOLDER = join(import.meta.dirname, '../../examples');

test('the samples in every language are listed under /docs, and are downloads', async () => {
  const { url } = await startHttpServer();
  expect(await (await fetch(`${url}/docs`)).text()).toContain('href="/docs/examples"');
  const list = await (await fetch(`${url}/docs/examples`)).text();
  const links = [...list.matchAll(/href="([^"]+)"/g)].map(([, link = '']) => link);
  const languages = readdirSync(FOLDER, { withFileTypes: true }).filter(entry => entry.isDirectory());
  expect(languages.map(({ name }) => name)).toEqual(['csharp', 'java', 'perl', 'php', 'python', 'ruby']);
  for (const { name } of languages) expect(links.some(link => link.includes(`/${name}/`))).toBe(true);
  for (const link of links) {
    const answer = await fetch(url + link);
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="\w+\.\w+"$/);
    expect(await answer.text()).toBe(readFileSync(join(FOLDER, link.slice('/docs/examples'.length)), 'utf8'));
  }
});

test('no other file than the samples can be downloaded there', async () => {
  const { url } = await startHttpServer();
  for (const path of [
    'README.md',
    'php',
    'php/../README.md',
    '..%2fpackage.json',
    'php/..%2f..%2fpackage.json',
  ]) {
    expect((await fetch(`${url}/docs/examples/${path}`)).status).toBe(404);
  }
});

test('the list of samples is empty when the package has none', () => {
  expect(createExamplePages(join(FOLDER, 'nowhere')).map(({ path }) => path)).toEqual(['/docs/examples']);
});
