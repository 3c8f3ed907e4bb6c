import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './tool.ts';

/** A page of docs/apis/, by its file name. */
export interface Page {
  readonly name: string;
  readonly text: string;
}

/** One sentence about an API, and the tests that show it. */
export interface ApiRule {
  readonly page: string;
  /** The heading that it stands under. */
  readonly section: string;
  /** Without its mark; the cells of a table row joined. */
  readonly says: string;
  /** The last words of the full name of each test. */
  readonly tests: readonly string[];
}

const MARK = /<!-- test: (.+?) -->/g;
const BETWEEN_TESTS = ' + ';
const ROW = /^\|/;
const HEADER_OF_TABLE = /^\|.*\|\n\|(?: *:?-+:? *\|)+$/gm;
const ITEM = /^ *(?:-|\d+\.) /;

/** All pages of docs/apis/, by name. */
export function readApiPages(): readonly Page[] {
  const folder = join(root, 'docs', 'apis');
  const names = readdirSync(folder).filter(name => name.endsWith('.md'));
  return names.sort().map(name => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
}

/** The rules of a page: its table rows and list items, and whatever else has a mark. `unmarked` are those without one. */
export function readApiRules({ name, text }: Page): {
  readonly rules: readonly ApiRule[];
  readonly unmarked: readonly string[];
} {
  const rules: ApiRule[] = [];
  const unmarked: string[] = [];
  let section = '';
  for (const block of blocksOf(text)) {
    if (block.startsWith('#')) section = block.replace(/^#+ /, '');
    const tests = [...block.matchAll(MARK)].flatMap(([, names = '']) => names.split(BETWEEN_TESTS));
    const says = sentenceOf(block);
    if (tests.length > 0) rules.push({ page: name, section, says, tests });
    else if (ROW.test(block) || ITEM.test(block)) unmarked.push(says);
  }
  return { rules, unmarked };
}

/** Headings, table rows without those of the header, list items and paragraphs. Code is left out. */
function blocksOf(text: string): readonly string[] {
  const prose = text.replaceAll(/^( *)```[\s\S]*?^\1```$/gm, '').replaceAll(HEADER_OF_TABLE, '');
  const blocks: string[] = [];
  let isOpen = false;
  for (const line of prose.split('\n')) {
    const begins = ROW.test(line) || ITEM.test(line) || line.startsWith('#');
    if (line.trim() === '') isOpen = false;
    else if (begins || !isOpen) isOpen = blocks.push(line) > 0 && !line.startsWith('#') && !ROW.test(line);
    else blocks.push(`${blocks.pop()}\n${line}`);
  }
  return blocks;
}

function sentenceOf(block: string): string {
  const text = block.replaceAll(MARK, '').trim();
  const cells = ROW.test(text) ? text.split(/(?<!\\)\|/).map(cell => cell.trim()) : [text.replace(ITEM, '')];
  return cells
    .filter(cell => cell !== '')
    .join(' · ')
    .replaceAll(/\s+/g, ' ');
}
