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
  'every block of %s is run, or says why it is not',
  (_, document) => {
    expect(problemsOf(document)).toEqual([]);
  },
);

describe.each([...DOCUMENTS, ...AT_ROOT].map(document => [document.path, document] as const))(
  '%s',
  (_, document) => {
    test('links to files that are there', () => {
      expect(linksOf(document).filter(({ file }) => !existsSync(join(root, file)))).toEqual([]);
    });

    test('links to headings that are there', () => {
      const toHeadings = linksOf(document).filter(({ heading }) => heading !== undefined);
      expect(toHeadings.filter(({ file, heading = '' }) => !headingsIn(file).includes(heading))).toEqual([]);
    });

    test('names files that are there', () => {
      const names = [...document.text.matchAll(/`((?:src|test|scripts|docs|bench|bin|\.ci)\/[\w./-]+)`/g)];
      expect(names.map(([, name = '']) => name).filter(name => !existsSync(join(root, name)))).toEqual([]);
    });
  },
);

interface Link {
  readonly file: string;
  readonly heading?: string;
}

/** The links and pictures that are files of the repository. */
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

/** As GitHub names the headings of a file. */
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
