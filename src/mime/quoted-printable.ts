import { type Output, reserve } from './output.ts';
import { isFragile } from './plain-text.ts';

const CR = 13;
const LF = 10;
const EQUALS = 0x3d;
const MAX_COLUMN = 75; // 76 with the `=` of a soft line break (RFC 2045 6.7)
/** More than one line of output can need: its octets, an escaped blank at its end, and two line ends. */
const LINE_ROOM = 128;

/** 1 for octets that need no escape: printable ASCII except `=`, and blanks that do not end a line. */
const IS_LITERAL = new Uint8Array(256);
for (let octet = 32; octet < 127; octet++) IS_LITERAL[octet] = octet === EQUALS ? 0 : 1;
IS_LITERAL[9] = 1;
const HEX = Buffer.from('0123456789ABCDEF');

/** Rules for writing a text in quoted-printable. */
export interface QuotedPrintableRules {
  /** True: a bare CR or LF is a line end like CRLF. False: it is escaped, so that the same octets are restored. */
  readonly anyLineEnd: boolean;
  /** Stop when the result is longer than this number of octets. */
  readonly limit: number;
}

/** Appends a text in quoted-printable. Returns false, and appends nothing, if the result is longer than the limit. */
export function putQuotedPrintable(
  out: Output,
  text: Uint8Array,
  length: number,
  { anyLineEnd, limit }: QuotedPrintableRules,
): boolean {
  const start = out.length;
  let i = 0;
  while (i < length && out.length - start <= limit) {
    reserve(out, LINE_ROOM);
    i = putLine(out, text, i, length, anyLineEnd);
  }
  if (out.length - start <= limit) return true;
  out.length = start;
  return false;
}

/** Writes one line, up to its hard or soft break or the end of the text. Returns the index of the next line. */
function putLine(out: Output, text: Uint8Array, from: number, length: number, anyLineEnd: boolean): number {
  const target = out.bytes;
  const lineStart = out.length;
  const lineLimit = lineStart + MAX_COLUMN;
  let at = lineStart;
  let i = from;
  if (isFragile(text, i, length)) at = putEscape(target, at, text[i++] as number);
  for (;;) {
    const stop = Math.min(length, i + lineLimit - at);
    while (i < stop && IS_LITERAL[text[i] as number] === 1) target[at++] = text[i++] as number;
    const endLength = lineEndAt(text, i, length, anyLineEnd);
    if (i === length || endLength > 0) {
      at = escapeTrailingBlank(target, at, lineStart);
      out.length = i === length ? at : putLineEnd(target, at);
      return i + endLength;
    }
    const octet = text[i] as number;
    if (at + (IS_LITERAL[octet] === 1 ? 1 : 3) > lineLimit) {
      target[at++] = EQUALS;
      out.length = putLineEnd(target, at);
      return i;
    }
    at = putEscape(target, at, octet);
    i++;
  }
}

/** Returns the number of octets of the line end at an offset; 0 when there is none. */
function lineEndAt(text: Uint8Array, i: number, length: number, anyLineEnd: boolean): number {
  if (i >= length) return 0;
  const octet = text[i];
  if (octet === CR && i + 1 < length && text[i + 1] === LF) return 2;
  return anyLineEnd && (octet === CR || octet === LF) ? 1 : 0;
}

function putEscape(target: Uint8Array, at: number, octet: number): number {
  target[at] = EQUALS;
  target[at + 1] = HEX[octet >> 4] as number;
  target[at + 2] = HEX[octet & 15] as number;
  return at + 3;
}

function putLineEnd(target: Uint8Array, at: number): number {
  target[at] = CR;
  target[at + 1] = LF;
  return at + 2;
}

/** RFC 2045 6.7 rule 3: a blank at the end of a line must be escaped, because servers may remove it. */
function escapeTrailingBlank(target: Uint8Array, at: number, lineStart: number): number {
  const last = target[at - 1];
  if (at === lineStart || (last !== 0x20 && last !== 9)) return at;
  let start = at - 1;
  if (start + 3 - lineStart > MAX_COLUMN + 1) {
    target[start] = EQUALS;
    start = putLineEnd(target, start + 1);
  }
  return putEscape(target, start, last);
}
