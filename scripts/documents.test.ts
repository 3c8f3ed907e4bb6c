import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type Document,
  parseDocument,
  problemsOf,
  readDocuments,
} from '../test/helpers/documents/documents.ts';
import { root } from './tool.ts';

const DOCUMENTS = readDocuments();
const AT_ROOT = readdirSync(root)
  .filter(name => name.endsWith('.md') && name !== 'README.md')
  .map(name => parseDocument(name, readFileSync(join(root, name), 'utf8')));

test.each(DOCUMENTS.map(document => [document.path, document] as const))(
  'every code block of %s is run by a test, or has the reason why not',
  (_, document) => {
    expect(problemsOf(document)).toEqual([]);
  },
);

describe.each([...DOCUMENTS, ...AT_ROOT].map(document => [document.path, document] as const))(
  '%s',
  (_, document) => {
    test('links only to files that exist', () => {
      expect(linksOf(document).filter(({ file }) => !existsSync(join(root, file)))).toEqual([]);
    });

    test('links only to headings that exist', () => {
      const toHeadings = linksOf(document).filter(({ heading }) => heading !== undefined);
      expect(toHeadings.filter(({ file, heading = '' }) => !headingsIn(file).includes(heading))).toEqual([]);
    });

    test('names only files that exist', () => {
      const names = [...document.text.matchAll(/`((?:src|test|scripts|docs|bench|bin|\.ci)\/[\w./-]+)`/g)];
      expect(names.map(([, name = '']) => name).filter(name => !existsSync(join(root, name)))).toEqual([]);
    });
  },
);

interface Link {
  readonly file: string;
  readonly heading?: string;
}

/** The links and images that point to files of the repository. */
function linksOf({ path, text }: Document): readonly Link[] {
  const found = [...withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)];
  const targets = found.map(([, link, picture]) => link ?? picture ?? '');
  return targets
    .filter(target => !/^[a-z]+:/.test(target))
    .map(target => {
      const [name = '', heading] = target.split('#');
      const file = name === '' ? path : normalize(join(dirname(path), name));
      return heading === undefined ? { file } : { file, heading };
    });
}

/** The anchors that GitHub gives to the headings of a file. */
function headingsIn(file: string): readonly string[] {
  const text = withoutBlocks(readFileSync(join(root, file), 'utf8'));
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function withoutBlocks(text: string): string {
  return text.replaceAll(/^( *)```[\s\S]*?^\1```$/gm, '');
}
