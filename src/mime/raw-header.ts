import { isUtf8 } from 'node:buffer';
import { trimBlanks } from '../core/blanks.ts';

const LF = 10;
const CR = 13;
const SPACE = 32;
const TAB = 9;
const COLON = 0x3a;
/** Longer values are cut when they are read as text; a file of them is not mail. */
const MAX_VALUE = 64 * 1024;

/** A field of a raw header, as offsets into the message: name up to `colon`, value up to `end`, folded lines included. */
export interface RawField {
  readonly start: number;
  /** Absent: the line is not a header field at all. */
  readonly colon?: number;
  /** Just behind the line end. */
  readonly end: number;
}

/**
 * Where the header of a message ends: at the empty line, or at `end` when there is none. RFC 5322 2.1. Line ends are
 * CRLF; a bare LF is understood as well, so that nothing hides behind one.
 */
export function headerEnd(mime: Uint8Array, start = 0, end = mime.length): number {
  let lineStart = start;
  for (let i = start; i < end; i++) {
    if (mime[i] !== LF) continue;
    const isEmpty = i === lineStart || (i === lineStart + 1 && mime[lineStart] === CR);
    if (isEmpty) return lineStart;
    lineStart = i + 1;
  }
  return end;
}

/** Where the body begins when the header ends at `headerEnd`: behind the empty line. Absent when there is none. */
export function bodyStart(mime: Uint8Array, headerEnd: number): number | undefined {
  if (mime[headerEnd] === LF) return headerEnd + 1;
  return mime[headerEnd] === CR && mime[headerEnd + 1] === LF ? headerEnd + 2 : undefined;
}

/** The fields of a header in their order, and the lines that are none; together they cover it from `start` to `end`. */
export function* rawFields(mime: Uint8Array, start: number, end: number): Generator<RawField> {
  for (let at = start; at < end; ) {
    const next = endOfField(mime, at, end);
    const colon = colonOf(mime, at, next);
    yield colon === -1 ? { start: at, end: next } : { start: at, colon, end: next };
    at = next;
  }
}

/** The name of a field in lower case, `''` for a line that is none and for names too long to mean anything. */
export function rawName(mime: Buffer, field: RawField): string {
  if (field.colon === undefined || field.colon - field.start > 200) return '';
  return trimBlanks(mime.toString('latin1', field.start, field.colon)).toLowerCase();
}

/** The value of a field as text: unfolded, trimmed, UTF-8 if it is that and else latin-1; at most 64 KiB of it. */
export function rawValue(mime: Buffer, field: RawField): string {
  const start = (field.colon ?? field.start - 1) + 1;
  const octets = mime.subarray(start, Math.min(field.end, start + MAX_VALUE));
  const text = isUtf8(octets) ? octets.toString() : octets.toString('latin1');
  return trimBlanks(text.replace(/[\r\n]/g, ''));
}

/** RFC 5322 2.2.3: a line that begins with a blank goes on with the field before it. */
function endOfField(mime: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end; i++) {
    if (mime[i] === LF && (i + 1 === end || !isBlank(mime[i + 1]))) return i + 1;
  }
  return end;
}

/** The colon behind a field name; old mail (RFC 5322 4.5.3) may have blanks before it. */
function colonOf(mime: Uint8Array, start: number, end: number): number {
  let i = start;
  while (i < end && isNameOctet(mime[i])) i++;
  if (i === start) return -1;
  while (i < end && isBlank(mime[i])) i++;
  return i < end && mime[i] === COLON ? i : -1;
}

function isNameOctet(octet: number | undefined): boolean {
  return octet !== undefined && octet > SPACE && octet < 127 && octet !== COLON;
}

function isBlank(octet: number | undefined): boolean {
  return octet === SPACE || octet === TAB;
}
