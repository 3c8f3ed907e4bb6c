import { isUtf8 } from 'node:buffer';
import { trimBlanks } from '../core/blanks.ts';

const LF = 10;
const CR = 13;
const SPACE = 32;
const TAB = 9;
const COLON = 0x3a;
/** Maximum octets of a value that are read as text. */
const MAX_VALUE = 64 * 1024;

/** A field of a raw header, as offsets into the message: the name up to `colon`, the value with folded lines up to `end`. */
export interface RawField {
  readonly start: number;
  /** Absent: the line is not a header field. */
  readonly colon?: number;
  /** Offset after the line end. */
  readonly end: number;
}

/**
 * Returns the end of the header: the empty line, or `end` if there is none (RFC 5322 2.1). A bare LF ends a line too, so
 * that no field can be hidden after one.
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

/** Returns the start of the body, after the empty line at `headerEnd`; undefined when there is no empty line. */
export function bodyStart(mime: Uint8Array, headerEnd: number): number | undefined {
  if (mime[headerEnd] === LF) return headerEnd + 1;
  return mime[headerEnd] === CR && mime[headerEnd + 1] === LF ? headerEnd + 2 : undefined;
}

/** Yields the fields of a header in order, and the lines that are not fields. Together they cover `start` to `end`. */
export function* rawFields(mime: Uint8Array, start: number, end: number): Generator<RawField> {
  for (let at = start; at < end; ) {
    const next = endOfField(mime, at, end);
    const colon = colonOf(mime, at, next);
    yield colon === -1 ? { start: at, end: next } : { start: at, colon, end: next };
    at = next;
  }
}

/** Returns the name of a field in lower case; `''` for a line that is not a field, and for a name over 200 octets. */
export function rawName(mime: Buffer, field: RawField): string {
  if (field.colon === undefined || field.colon - field.start > 200) return '';
  return trimBlanks(mime.toString('latin1', field.start, field.colon)).toLowerCase();
}

/** Returns the value of a field: unfolded, trimmed, decoded as UTF-8 or else as latin-1, and cut at 64 KiB. */
export function rawValue(mime: Buffer, field: RawField): string {
  const start = (field.colon ?? field.start - 1) + 1;
  const octets = mime.subarray(start, Math.min(field.end, start + MAX_VALUE));
  const text = isUtf8(octets) ? octets.toString() : octets.toString('latin1');
  return trimBlanks(text.replace(/[\r\n]/g, ''));
}

/** RFC 5322 2.2.3: a line that starts with a blank continues the field before it. */
function endOfField(mime: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end; i++) {
    if (mime[i] === LF && (i + 1 === end || !isBlank(mime[i + 1]))) return i + 1;
  }
  return end;
}

/** Returns the offset of the colon after a field name, or -1. Old mail (RFC 5322 4.5.3) can have blanks before it. */
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
