import { ALLOWED, type BannedName, LABELS, NAMES, PHRASES } from './banned-words.ts';
import { readText } from './readable-text.ts';

/** A banned word in a file. */
export interface Finding {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** As written in the file. */
  readonly word: string;
  readonly better: string;
}

interface Found {
  /** Offset in the text. */
  readonly index: number;
  readonly word: string;
  readonly better: string;
}

/** All banned words of a file in order; none for a type without readable text. */
export function findBannedWords(path: string, text: string): readonly Finding[] {
  const readable = readText(path, text);
  if (readable === undefined) return [];
  const inText = [
    ...phrasesIn(path, readable.prose),
    ...namesIn(path, readable.code),
    ...(path.startsWith('dashboard/src/') ? labelsIn(text) : []),
  ].sort((one, other) => one.index - other.index);
  return [
    ...inFileName(path),
    ...inText.map(({ index, word, better }) => ({ path, line: lineOf(text, index), word, better })),
  ];
}

function inFileName(path: string): readonly Finding[] {
  const names = path.replace(/(?:\.test)?\.\w+$/, '').split('/');
  const last = names.length - 1;
  return names.flatMap((name, at) =>
    nameIn(path, at === last ? `${name}.ts` : name).map(({ better }) => ({
      path,
      line: 1,
      word: `file name ${name}`,
      better,
    })),
  );
}

interface Rule {
  readonly better: string;
  /** Sticky: matches the phrase at the offset of its first word. */
  readonly pattern: RegExp;
  readonly isStart: boolean;
  readonly unless: RegExp | undefined;
  readonly within: RegExp | undefined;
}

/** The rules by the first word of their phrases, in lower case, because most words begin no phrase. */
const rules = new Map<string, Rule[]>();
for (const { phrase, better, unless, within } of PHRASES) {
  const isStart = phrase.startsWith('^');
  const words = phrase.replace('^', '').split(' ');
  const source = words.map(word => `(?:${word})`).join('\\s+');
  const rule = { better, unless, within, isStart, pattern: new RegExp(`${source}(?![\\w-])`, 'iy') };
  for (const first of (words[0] ?? '').split('|')) {
    const key = /^[\w]+/.exec(first.toLowerCase())?.[0] ?? first;
    rules.set(key, [...(rules.get(key) ?? []), rule]);
  }
}

const WORD = /(?<![\w'’-])\w+/g;
const SENTENCE_START = /(?:^|[\0.!?|])[\s*_]*$/;

function phrasesIn(path: string, prose: string): readonly Found[] {
  const found: Found[] = [];
  for (const { 0: word, index } of prose.matchAll(WORD)) {
    for (const { better, pattern, isStart, unless, within } of rules.get(word.toLowerCase()) ?? []) {
      pattern.lastIndex = index;
      const match = pattern.exec(prose)?.[0];
      if (match === undefined) continue;
      if (isStart && !SENTENCE_START.test(prose.slice(Math.max(0, index - 40), index))) continue;
      if (within?.test(path) === false) continue;
      if (unless?.test(sentenceAt(prose, index, match.length))) continue;
      if (isAllowed(prose, index, match.length)) continue;
      found.push({ index, word: match.replace(/\s+/g, ' '), better });
    }
  }
  return found;
}

/** The sentence around a match, with the match marked: `it works «no more»`. */
function sentenceAt(prose: string, index: number, length: number): string {
  const before = /[^.!?;\0|]*$/.exec(prose.slice(Math.max(0, index - 200), index))?.[0] ?? '';
  const match = prose.slice(index, index + length);
  const after = /^[^.!?;\0|]*[.!?;\0|]?/.exec(prose.slice(index + length, index + length + 300))?.[0] ?? '';
  return `${before}«${match}»${after}`.replace(/\s+/g, ' ').trim();
}

function isAllowed(prose: string, index: number, length: number): boolean {
  return ALLOWED.some(text => {
    const at = prose.indexOf(text, Math.max(0, index - text.length));
    return at !== -1 && at <= index && at + text.length >= index + length;
  });
}

const IDENTIFIER = /[A-Za-z_$][\w$]*/g;
/** A cache of the rules that match a name, because names occur many times. */
const known = new Map<string, readonly BannedName[]>();

function namesIn(path: string, code: string): readonly Found[] {
  return [...code.matchAll(IDENTIFIER)].flatMap(({ 0: word, index }) =>
    nameIn(path, word).map(({ better }) => ({ index, word, better })),
  );
}

/** The rules that a name breaks in the file at this path. */
function nameIn(path: string, name: string): readonly BannedName[] {
  const matching = known.get(name) ?? matchName(name);
  known.set(name, matching);
  return matching.filter(({ within }) => within?.test(path) !== false);
}

function matchName(name: string): readonly BannedName[] {
  const isFile = name.endsWith('.ts');
  const words = wordsOf(isFile ? name.slice(0, -'.ts'.length) : name);
  return NAMES.filter(({ name: banned }) => {
    if (banned.endsWith('.ts')) return isFile && words === banned.slice(0, -'.ts'.length);
    if (banned.startsWith('=')) return words === banned.slice(1);
    return ` ${words} `.includes(` ${banned} `);
  });
}

/** `create slots` for `createSlots`, `CREATE_SLOTS` and `create-slots`. */
function wordsOf(name: string): string {
  const apart = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/[^A-Za-z0-9]+/g, ' ');
  return apart.trim().toLowerCase();
}

const LABEL = new RegExp(`(?<=['"\`>]\\s*)(?:${Object.keys(LABELS).join('|')})(?=\\s*['"\`<])`, 'g');

function labelsIn(text: string): readonly Found[] {
  return [...text.matchAll(LABEL)].map(({ 0: word, index }) => ({
    index,
    word,
    better: LABELS[word] ?? '',
  }));
}

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}
