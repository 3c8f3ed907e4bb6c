import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../gates/gate.ts';

/** What a comment before a block says about it. */
export type Mark =
  /** It needs something that the tests do not have; the reason says what. */
  | { readonly kind: 'not run'; readonly text: string }
  /** A test of its own runs it; the text is the path of that test. */
  | { readonly kind: 'run by'; readonly text: string }
  /** The reader saves it under this name, and a later block uses the file. */
  | { readonly kind: 'file'; readonly text: string }
  /** JSON that the block before it prints. */
  | { readonly kind: 'answer'; readonly text: string }
  /** It is run, and its request is refused, as the document says. */
  | { readonly kind: 'refused'; readonly text: string };

/** A fenced block of code. */
export interface Block {
  /** The line of the opening fence, from 1. */
  readonly line: number;
  /** The word behind the fence; '' when there is none. */
  readonly language: string;
  /** Without the indentation of the fence. */
  readonly text: string;
  /** Absent when no comment stands before it. */
  readonly mark?: Mark;
}

/** A document in Markdown. */
export interface Document {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
}

/** The languages whose blocks are run. */
const RUN_LANGUAGES: readonly string[] = ['sh', 'js', 'python'];

const OTHER_LANGUAGES = [
  'http',
  'ini',
  'json',
  'mermaid',
  'nginx',
  'php',
  'properties',
  'ruby',
  'sql',
  'text',
  'yaml',
];
const MARK_KINDS: readonly Mark['kind'][] = ['not run', 'run by', 'file', 'answer', 'refused'];
const FENCE = /^( *)```(.*)$/;
const COMMENT = /^ *<!-- (.*?) ?-->$/;

/** README.md and every document in docs/. */
export function readDocuments(): readonly Document[] {
  const inDocs = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' });
  const paths = ['README.md', ...inDocs.filter(name => name.endsWith('.md')).map(name => join('docs', name))];
  return paths.toSorted().map(path => parseDocument(path, readFileSync(join(ROOT, path), 'utf8')));
}

/** Finds the blocks of a document. */
export function parseDocument(path: string, text: string): Document {
  const lines = text.split('\n');
  const blocks: Block[] = [];
  for (let i = 0; i < lines.length; i++) {
    const [, indentation = '', language] = FENCE.exec(lines[i] ?? '') ?? [];
    if (language === undefined) continue;
    const end = lines.indexOf(`${indentation}\`\`\``, i + 1);
    if (end === -1) throw new Error(`${path}:${i + 1}: the block has no end`);
    const inside = lines.slice(i + 1, end).map(line => line.slice(indentation.length));
    const mark = markBefore(lines, i);
    blocks.push({ line: i + 1, language, text: `${inside.join('\n')}\n`, ...(mark && { mark }) });
    i = end;
  }
  return { path, text, blocks };
}

/** Whether the block is run when the document is tested. */
export function isRun({ language, mark }: Block): boolean {
  return RUN_LANGUAGES.includes(language) && (mark === undefined || mark.kind === 'refused');
}

/** What is wrong with the blocks of a document, a sentence each. */
export function problemsOf(document: Document): readonly string[] {
  return document.blocks.flatMap((block, index) =>
    problemsOfBlock(document, block, index).map(problem => `${document.path}:${block.line}: ${problem}`),
  );
}

function problemsOfBlock(document: Document, { language, text, mark }: Block, index: number): string[] {
  const problems: string[] = [];
  if (![...RUN_LANGUAGES, ...OTHER_LANGUAGES].includes(language))
    problems.push(`"${language}" is not one of the languages of blocks`);
  if (language === 'json' && !isJson(text)) problems.push('the block is not JSON');
  if (mark === undefined) return problems;
  const before = document.blocks[index - 1];
  const after = document.blocks.slice(index + 1);
  if (mark.kind === 'not run' && !/\w+ \w+/.test(mark.text)) problems.push('"not run" has no reason');
  if (mark.kind === 'run by' && !isTestOf(mark.text, document.path))
    problems.push(`"${mark.text}" is not a test that names this document`);
  if (mark.kind === 'file' && !after.some(later => isRun(later) && later.text.includes(mark.text)))
    problems.push(`no later block uses the file "${mark.text}"`);
  if (mark.kind === 'answer' && (language !== 'json' || before === undefined || !isRun(before)))
    problems.push('an answer is JSON, and follows the block that prints it');
  return problems;
}

/** The mark in the line before the fence, blank lines aside. */
function markBefore(lines: readonly string[], fence: number): Mark | undefined {
  const before = lines.slice(0, fence).findLast(line => line.trim() !== '') ?? '';
  const comment = COMMENT.exec(before)?.[1];
  const kind = MARK_KINDS.find(one => comment === one || comment?.startsWith(`${one}:`));
  return kind && { kind, text: comment?.slice(kind.length + 1).trim() ?? '' };
}

function isTestOf(path: string, document: string): boolean {
  const file = join(ROOT, path);
  if (!/^test\/.*\.test\.ts$/.test(path) || !existsSync(file)) return false;
  return readFileSync(file, 'utf8').includes(document.replace(/^.*\//, ''));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
