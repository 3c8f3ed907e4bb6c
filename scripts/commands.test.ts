import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { outsidePackages } from '../test/helpers/programs/outside.ts';
import { root } from './tool.ts';

const linesOf = (path: string) =>
  readFileSync(join(root, path), 'utf8')
    .split('\n')
    .map(line => line.trim());

test('the README has the two set-up commands, each on its own line', () => {
  expect(linesOf('README.md')).toEqual(expect.arrayContaining(['npm ci && npm start', 'npm ci && npm test']));
});

test('.ci/run runs exactly the commands of the README', () => {
  const [run] = linesOf('.ci/run').filter(line => line.includes('npm test'));
  expect(run).toMatch(/^timeout .* bash -c 'npm ci && npm test'$/);
});

test('.ci/run installs exactly the Debian packages that tests need', () => {
  const listed = linesOf('.ci/debian-packages').flatMap(line => line.replace(/#.*/, '').trim() || []);
  expect(listed).toEqual([...outsidePackages].sort());
});

test.each(['package-lock.json', 'tools/node/package-lock.json'])(
  '%s names no registry, so that everybody uses their own',
  path => {
    expect(linesOf(path).filter(line => line.includes('"resolved"'))).toEqual([]);
  },
);
