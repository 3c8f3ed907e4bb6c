import { extname } from 'node:path';

/** The readable parts of a file. Both strings are as long as the file, so that offsets in them are offsets in the file. */
export interface ReadableText {
  /** Comments, strings and the text of documents. NUL replaces everything else, SOH replaces code in a sentence. */
  readonly prose: string;
  /** Code, which contains the names. NUL replaces everything else. */
  readonly code: string;
}

const NUL = '\0';
const SOH = '\u0001';

/** Splits a file by its type; undefined for a type without readable text. */
export function readText(path: string, text: string): ReadableText | undefined {
  const reader = READERS[extname(path)] ?? (/Dockerfile$|^\.ci\/|^bin\//.test(path) ? readHashes : undefined);
  return reader?.(text);
}

const READERS: Readonly<Record<string, (text: string) => ReadableText>> = {
  '.ts': readScript,
  '.tsx': text => withMarkup(readScript(text)),
  '.js': readScript,
  '.mjs': readScript,
  '.md': text => onlyProse(blank(blank(text, MARKDOWN_BLOCK), MARKDOWN_CODE, SOH)),
  '.html': text => onlyProse(blank(text, TAGS)),
  '.svg': text => onlyProse(blank(text, TAGS)),
  '.sql': text => onlyProse(keep(text, /(?<=--).*|(?<=\/\*)[^*]*(?=\*\/)/g)),
  '.css': text => onlyProse(keep(text, /(?<=\/\*)(?:[^*]|\*(?!\/))*/g)),
  ...Object.fromEntries(['.sh', '.yaml', '.yml', '.py', '.cfg', '.service'].map(end => [end, readHashes])),
};

const MARKDOWN_BLOCK = /^( *)(```|~~~)[\s\S]*?^\1\2|<!--[\s\S]*?-->/gm;
/** Also the targets of links. */
const MARKDOWN_CODE = /(`+)[^\n]*?[^`\n]\1(?!`)|\]\([^)]*\)/g;
const TAGS = /<(style|script)[\s\S]*?<\/\1>|<!--[\s\S]*?-->|<[^>]*>/g;

function onlyProse(prose: string): ReadableText {
  return { prose, code: '' };
}

function readHashes(text: string): ReadableText {
  return onlyProse(keep(text, /(?<=(?:^|[^\S\n])#+) .*/gm));
}

function blank(text: string, pattern: RegExp, filler = NUL): string {
  return text.replace(pattern, part => filler.repeat(part.length));
}

/** Keeps the matches and replaces everything else by NUL. White space between two matches becomes spaces. */
function keep(text: string, pattern: RegExp): string {
  let [kept, end] = ['', 0];
  for (const { 0: match, index } of text.matchAll(pattern)) {
    kept += gap(text.slice(end, index)) + match;
    end = index + match.length;
  }
  return kept + NUL.repeat(text.length - end);
}

/** The characters between two comments or strings: spaces if a sentence continues in the next line, otherwise NUL. */
function gap(between: string): string {
  const isJoin = /^(?:['"`]?\s*\+\s*['"`]|[\s/*#-]*)$/.test(between);
  return (isJoin ? ' ' : NUL).repeat(between.length);
}

/** The next token of a script: a comment, a string, a regular expression, or a brace, which may end a template expression. */
const TOKEN =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|[`{}]|(?<=(?:[(,=:[!&|?;]|=>|return)\s*)\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/g;
const TEMPLATE_PART = /(?:\\[\s\S]|\$(?!\{)|[^\\`$])*(`|\$\{|$)/y;

/** The ranges of prose in a script, as start and end. */
function proseOf(text: string): readonly (readonly [number, number, 'comment' | 'text' | 'pattern'])[] {
  const places: (readonly [number, number, 'comment' | 'text' | 'pattern'])[] = [];
  /** For each open template expression: the number of open braces in it. */
  const open: number[] = [];
  TOKEN.lastIndex = 0;

  function readTemplate(from: number): void {
    TEMPLATE_PART.lastIndex = from;
    const end = TEMPLATE_PART.exec(text)?.[1] ?? '';
    places.push([from, TEMPLATE_PART.lastIndex - end.length, 'text']);
    if (end === '${') open.push(0);
    TOKEN.lastIndex = TEMPLATE_PART.lastIndex;
  }

  for (let token = TOKEN.exec(text); token !== null; token = TOKEN.exec(text)) {
    const [{ length }, { index }] = [token[0], token];
    const [first, last] = [token[0][0], open.length - 1];
    if (first === '`') readTemplate(index + 1);
    else if (first === '{' && last >= 0) open[last] = (open[last] ?? 0) + 1;
    else if (first === '}' && open[last] === 0) {
      open.pop();
      readTemplate(index + 1);
    } else if (first === '}' && last >= 0) open[last] = (open[last] ?? 0) - 1;
    else if (first === "'" || first === '"') places.push([index + 1, index + length - 1, 'text']);
    else if (token[0].startsWith('//') || token[0].startsWith('/*'))
      places.push([index, index + length, 'comment']);
    else if (first === '/') places.push([index, index + length, 'pattern']);
  }
  return places;
}

function readScript(text: string): ReadableText {
  let [prose, code, end] = ['', '', 0];
  for (const [from, to, kind] of proseOf(text)) {
    const between = text.slice(end, from);
    prose +=
      gap(between) + (kind === 'pattern' ? NUL.repeat(to - from) : readable(text.slice(from, to), kind));
    code += between + NUL.repeat(to - from);
    end = to;
  }
  return { prose: prose + NUL.repeat(text.length - end), code: code + text.slice(end) };
}

/** A string without a space is a name or a key and not prose. Code in a comment is not prose, either. */
function readable(part: string, kind: 'comment' | 'text'): string {
  if (kind === 'text') return part.includes(' ') ? part : NUL.repeat(part.length);
  const words = part.replace(/^\/[/*]+|\*+\/$|^\s*\*(?!\/)/gm, mark => ' '.repeat(mark.length));
  return blank(words, /`[^`\n]*`/g, SOH);
}

/** In TSX, also the text between tags is prose. */
function withMarkup({ prose, code }: ReadableText): ReadableText {
  const words = [...code.matchAll(/(?<!=)>([^<>{}=;\0]*[A-Za-z][^<>{}=;\0]*)(?=[<{])/g)];
  const [proseLetters, codeLetters] = [[...prose], [...code]];
  for (const { 1: word = '', index } of words)
    for (let at = 0; at < word.length; at += 1) {
      proseLetters[index + 1 + at] = word[at] ?? '';
      codeLetters[index + 1 + at] = NUL;
    }
  return { prose: proseLetters.join(''), code: codeLetters.join('') };
}
