import { type Output, putAscii, reserve } from './output.ts';

// RFC 2047 2 allows 76 columns for a line with an encoded-word. RFC 5322 2.1.1 recommends 78 and allows 998.
const FOLD_COLUMN = 76;
const MAX_LINE = 998;
const SPACE = 32;
const TAB = 9;
const DELETE = 0x7f;
const FIELD_NAME = /^[!-9;-~]{1,200}$/; // RFC 5322 3.6.8: printable ASCII except the colon

/** Writes header fields. All bytes of a header pass through it. It refuses control characters; only its own folds have CRLF. */
export interface HeaderWriter {
  readonly out: Output;
  /** Offset in `out` of the start of the current line. */
  lineStart: number;
  /** The line contains only `Name:` so far. */
  isAtName: boolean;
  /** A field has UTF-8 outside encoded-words (RFC 6532). */
  hasUtf8: boolean;
}

/** Creates a writer that appends to `out`. */
export function createHeaderWriter(out: Output): HeaderWriter {
  return { out, lineStart: out.length, isAtName: false, hasUtf8: false };
}

/** Starts a field: `Name:`. */
export function beginField(header: HeaderWriter, name: string): void {
  if (!FIELD_NAME.test(name)) throw new Error(`Invalid header field name: ${JSON.stringify(name)}`);
  header.lineStart = header.out.length;
  header.isAtName = true;
  putAscii(header.out, `${name}:`);
}

/**
 * Appends a blank and a word of printable ASCII. Blanks inside the word are kept. If the word does not fit on the line, it
 * starts a new one, unless that does not help.
 */
export function putWord(header: HeaderWriter, word: string): void {
  foldBefore(header, word.length);
  putPrintable(header.out, word);
}

/** Like `putWord`, for a word that may contain UTF-8: an address with a non-ASCII local part. */
export function putUtf8Word(header: HeaderWriter, word: string): void {
  const size = Buffer.byteLength(word);
  if (size === word.length) {
    putWord(header, word);
    return;
  }
  foldBefore(header, size);
  for (let i = 0; i < word.length; i++) if (isControl(word.charCodeAt(i))) throw controlError(word, i);
  reserve(header.out, size);
  header.out.length += header.out.bytes.write(word, header.out.length, 'utf8');
  header.hasUtf8 = true;
}

/** Appends punctuation directly after the previous word. */
export function putMark(header: HeaderWriter, mark: ',' | ';'): void {
  putAscii(header.out, mark);
}

/** Ends a field. After the last field it writes the empty line that ends the header. */
export function endLine(header: HeaderWriter): void {
  putAscii(header.out, '\r\n');
}

/** Returns the columns that are left on the line for another word, without its blank. */
export function columnsLeft(header: HeaderWriter): number {
  return FOLD_COLUMN - (header.out.length - header.lineStart) - 1;
}

/** Throws if a text that will be encoded contains CR, LF or NUL: a decoder would restore them. */
export function refuseLineBreaks(text: string): void {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 10 || code === 13 || code === 0) throw controlError(text, i);
  }
}

/** Folds before a word of `size` octets if necessary, and writes the blank. */
function foldBefore(header: HeaderWriter, size: number): void {
  if (size >= MAX_LINE) throw new Error(`A header word of ${size} octets does not fit on a line`);
  const used = header.out.length - header.lineStart;
  if (used + 1 + size > FOLD_COLUMN) {
    // Directly after the name, a new line is used only if the word then fits: some readers keep the blank of the fold.
    const helps = !header.isAtName || size < FOLD_COLUMN || used + 1 + size > MAX_LINE;
    if (helps) {
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
    if (code > DELETE) throw new Error(`A header word is not ASCII: ${JSON.stringify(word)}`);
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
