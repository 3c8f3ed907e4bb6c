import { type Output, putAscii, reserve } from './output.ts';

// RFC 2047 2 allows 76 columns to a line with an encoded-word; RFC 5322 2.1.1 recommends 78 and allows 998.
const FOLD_COLUMN = 76;
const MAX_LINE = 998;
const SPACE = 32;
const TAB = 9;
const DELETE = 0x7f;
const FIELD_NAME = /^[!-9;-~]{1,200}$/; // RFC 5322 3.6.8: printable ASCII but the colon

/** Writes header fields. Every byte of a header passes through here, and no control gets by but the folds made here. */
export interface HeaderWriter {
  readonly out: Output;
  /** Where in `out` the line being written begins. */
  lineStart: number;
  /** The line is still nothing but `Name:`. */
  isAtName: boolean;
  /** Some field holds UTF-8 outside of encoded-words (RFC 6532). */
  hasUtf8: boolean;
}

/** A writer that appends to `out`. */
export function createHeaderWriter(out: Output): HeaderWriter {
  return { out, lineStart: out.length, isAtName: false, hasUtf8: false };
}

/** Begins a field: `Name:`. */
export function beginField(header: HeaderWriter, name: string): void {
  if (!FIELD_NAME.test(name)) throw new Error(`Not a header field name: ${JSON.stringify(name)}`);
  header.lineStart = header.out.length;
  header.isAtName = true;
  putAscii(header.out, `${name}:`);
}

/**
 * Appends a blank and a word of printable ASCII (blanks inside are kept), on a new line when it would not fit on this
 * one and that helps.
 */
export function putWord(header: HeaderWriter, word: string): void {
  makeRoom(header, word.length);
  putPrintable(header.out, word);
}

/** The same for a word that may hold UTF-8: an address with a local part beyond ASCII. */
export function putUtf8Word(header: HeaderWriter, word: string): void {
  const size = Buffer.byteLength(word);
  if (size === word.length) {
    putWord(header, word);
    return;
  }
  makeRoom(header, size);
  for (let i = 0; i < word.length; i++) if (isControl(word.charCodeAt(i))) throw controlError(word, i);
  reserve(header.out, size);
  header.out.length += header.out.bytes.write(word, header.out.length, 'utf8');
  header.hasUtf8 = true;
}

/** Appends punctuation to the word before it, without a blank. */
export function putMark(header: HeaderWriter, mark: ',' | ';'): void {
  putAscii(header.out, mark);
}

/** Ends the field; without one, ends the header with its empty line. */
export function endLine(header: HeaderWriter): void {
  putAscii(header.out, '\r\n');
}

/** How many columns the line has for one more word, its blank counted off. */
export function roomFor(header: HeaderWriter): number {
  return FOLD_COLUMN - (header.out.length - header.lineStart) - 1;
}

/** Throws when a text that is to be encoded holds CR, LF or NUL: some decoder would let them out again. */
export function refuseLineBreaks(text: string): void {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 10 || code === 13 || code === 0) throw controlError(text, i);
  }
}

/** Folds before a word of `size` octets if need be, and writes the blank. */
function makeRoom(header: HeaderWriter, size: number): void {
  if (size >= MAX_LINE) throw new Error(`A header word of ${size} octets does not fit on a line`);
  const used = header.out.length - header.lineStart;
  if (used + 1 + size > FOLD_COLUMN) {
    // Right after the name a new line is worth it only when the word then fits: some readers keep that line's blank.
    const isWorthIt = !header.isAtName || size < FOLD_COLUMN || used + 1 + size > MAX_LINE;
    if (isWorthIt) {
      endLine(header);
      header.lineStart = header.out.length;
    }
  }
  header.isAtName = false;
  putAscii(header.out, ' ');
}

function putPrintable(out: Output, word: string): void {
  reserve(out, word.length);
  const { bytes } = out;
  let at = out.length;
  for (let i = 0; i < word.length; i++) {
    const code = word.charCodeAt(i);
    if (isControl(code)) throw controlError(word, i);
    if (code > DELETE) throw new Error(`Not ASCII where a header must be: ${JSON.stringify(word)}`);
    bytes[at++] = code;
  }
  out.length = at;
}

function isControl(code: number): boolean {
  return (code < SPACE && code !== TAB) || code === DELETE;
}

function controlError(text: string, index: number): Error {
  const code = text.charCodeAt(index).toString(16).padStart(2, '0');
  return new Error(`Control character 0x${code} in header text ${JSON.stringify(text.slice(0, 80))}`);
}
