import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { checkImports } from './check-imports.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

describe('the direction of imports', () => {
  test('a tree that keeps it has no breach', () => {
    const tree = {
      'core/address.ts': "import { domainToASCII } from 'node:url';",
      'store/store.ts': "import type { Address } from '../core/address.ts';",
      'store/sqlite/sqlite-store.ts':
        "import type { Store } from '../store.ts';\nimport Database from 'better-sqlite3';",
      'store/open-store.ts': "import { openSqlite } from './sqlite/sqlite-store.ts';",
      'operations/operations.ts': "import type { Store } from '../store/store.ts';",
      'dialects/dialect.ts': "import type { Operations } from '../operations/operations.ts';",
      'dialects/one/one.ts': "import { schema } from './schema.ts';\nimport { route } from '../dialect.ts';",
      'dialects/one/schema.ts': "import { Type } from 'typebox';",
      'dialects/two/schema.ts': "import { Type } from 'typebox';",
      'main/main.ts': "import { openStore } from '../store/open-store.ts';",
      'cli/cli.ts': "import { start } from '../main/main.ts';",
    };
    expect(breaches(tree)).toEqual([]);
  });

  test.each([
    ['core imports a file of another layer', 'core/a.ts', "import { b } from '../net/dial.ts';"],
    ['core imports I/O', 'core/a.ts', "import { readFileSync } from 'node:fs';"],
    ['core imports I/O by its old name', 'core/a.ts', "import { readFileSync } from 'fs';"],
    ['core imports a package', 'core/a.ts', "import pino from 'pino';"],
    ['mime imports the store', 'mime/a.ts', "import { b } from '../store/store.ts';"],
    ['a type is imported the wrong way', 'core/a.ts', "import type { Store } from '../store/store.ts';"],
    ['a name is passed on the wrong way', 'core/a.ts', "export { b } from '../store/store.ts';"],
    ['everything is passed on the wrong way', 'core/a.ts', "export * from '../store/store.ts';"],
    ['a module is loaded for its effect', 'core/a.ts', "import '../store/store.ts';"],
    ['a module is loaded on the way', 'core/a.ts', "const load = () => import('../store/store.ts');"],
    ['an import spans lines', 'core/a.ts', "import {\n  b,\n  c,\n} from '../store/store.ts';"],
    ['delivery calls a way in', 'delivery/a.ts', "import { b } from '../http/http.ts';"],
    [
      'the dispatcher talks SMTP itself',
      'delivery/a.ts',
      "import { b } from '../smtp-client/transaction.ts';",
    ],
    ['a service sees another', 'services/one/a.ts', "import { b } from '../two/b.ts';"],
    ['a service sees a way in', 'services/one/a.ts', "import { b } from '../../http/http.ts';"],
    ['a way in sees another', 'http/a.ts', "import { b } from '../smtp-server/smtp-server.ts';"],
    ['a way in sees a service', 'smtp-server/a.ts', "import { b } from '../services/author.ts';"],
    ['a transport knows the store', 'delivery/transports/a.ts', "import { b } from '../../store/store.ts';"],
    ['a dialect sees another', 'dialects/one/one.ts', "import { b } from '../two/two.ts';"],
    ['a dialect sees the store', 'dialects/one/one.ts', "import { b } from '../../store/store.ts';"],
    ['a dialect sees the framework', 'dialects/one/one.ts', "import fastify from 'fastify';"],
    ['a dialect hashes', 'dialects/one/one.ts', "import { createHash } from 'node:crypto';"],
    ['an engine sees the other', 'store/sqlite/a.ts', "import { b } from '../postgres/b.ts';"],
    ['operations run the store', 'operations/operations.ts', "import { b } from '../store/store.ts';"],
    ['src imports a test helper', 'main/main.ts', "import { b } from '../../test/helpers/b.ts';"],
  ])('it fails when %s', (_, path, code) => {
    expect(breaches({ [path]: code })).toEqual([expect.stringMatching(`^src/${path}:1 imports `)]);
  });

  test('what comments and strings say is not an import', () => {
    const code = "/*\nimport '../store/store.ts';\n*/\n// import('../store/store.ts')\nconst glob = '/*';\n";
    expect(breaches({ 'core/a.ts': code })).toEqual([]);
    expect(breaches({ 'core/a.ts': `${code}import '../store/store.ts';\nconst end = '*/';\n` })).toHaveLength(
      1,
    );
  });

  test('a file in no room is a breach', () => {
    expect(breaches({ 'misc/a.ts': '' })).toEqual([expect.stringContaining('is in no room')]);
    expect(breaches({ 'cli.ts': '' })).toEqual([expect.stringContaining('is in no room')]);
  });

  test('a circle is a breach, also one of types', () => {
    const tree = {
      'core/a.ts': "import { b } from './b.ts';",
      'core/b.ts': "import { c } from './c.ts';",
      'core/c.ts': "import type { A } from './a.ts';",
    };
    expect(breaches(tree)).toEqual([
      'src/core/a.ts imports itself in a circle: core/a.ts → core/b.ts → core/c.ts → core/a.ts',
    ]);
  });

  test('tests may import what they like', () => {
    expect(breaches({ 'core/a.test.ts': "import { b } from '../store/store.ts';" })).toEqual([]);
  });
});

describe('purity', () => {
  test.each([
    ['Date.now()', 'reads the clock'],
    ['new Date()', 'reads the clock'],
    ['performance.now()', 'reads the clock'],
    ['Math.random()', 'uses randomness'],
    ['randomUUID()', 'uses randomness'],
    ['setTimeout(f, 1)', 'waits'],
    ['process.env', 'reaches outside'],
  ])('%s in core is a breach', (code, sentence) => {
    expect(breaches({ 'core/a.ts': `\nconst a = ${code};` })).toEqual([
      `src/core/a.ts:2 ${sentence}, and core is pure`,
    ]);
  });

  test('a date made of a given time is none, nor is a clock elsewhere', () => {
    expect(breaches({ 'core/a.ts': 'const a = new Date(at);', 'main/main.ts': 'Date.now();' })).toEqual([]);
  });
});

describe('files', () => {
  test('a barrel and a drawer for all sorts are breaches', () => {
    expect(breaches({ 'core/index.ts': '', 'net/utils.ts': '', 'core/domain-index.ts': '' })).toHaveLength(2);
  });

  test('the line after the last allowed is one too many', () => {
    expect(breaches({ 'core/a.ts': 'f();\n'.repeat(400) })).toEqual([]);
    expect(breaches({ 'core/a.ts': 'f();\n'.repeat(401) })).toHaveLength(1);
  });
});

describe('names', () => {
  test('a base name or an export in two places is a breach', () => {
    const tree = {
      'core/budget.ts': 'export interface Budget {}',
      'net/budget.ts': 'export type Other = 1;',
      'auth/limits.ts': 'export { type Budget, some as Other };',
    };
    expect(breaches(tree)).toEqual([
      'the file name budget.ts stands for more than one thing: src/core/budget.ts, src/net/budget.ts',
      'the export Budget stands for more than one thing: src/auth/limits.ts, src/core/budget.ts',
      'the export Other stands for more than one thing: src/auth/limits.ts, src/net/budget.ts',
    ]);
  });

  test('engines and dialects have the same names on purpose, and an entry has the name of its folder', () => {
    const tree = {
      'store/sqlite/queue.ts': 'export const createQueue = 1;',
      'store/postgres/queue.ts': 'export const createQueue = 1;',
      'store/queue.ts': '',
      'services/one/one.ts': '',
      'dialects/one/one.ts': '',
    };
    expect(breaches(tree)).toEqual([]);
    expect(breaches({ ...tree, 'delivery/queue.ts': '' })).toHaveLength(1);
  });

  test('a file below three folders is a breach', () => {
    expect(breaches({ 'core/a/b.ts': '', 'core/a/c/d.ts': '' })).toEqual([
      'src/core/a/c/d.ts is too deep: at most 2 folders below src',
    ]);
  });
});

function breaches(tree: Record<string, string>): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'postern-layers-'));
  folders.push(folder);
  for (const [path, code] of Object.entries(tree)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), code);
  }
  return checkImports(folder);
}
