import { accept, type Parsed, refuse } from '../core/parsed.ts';

const LINE = 76; // RFC 2045 6.8
const STEP = LINE + 2;
// A multiple of 57 octets, which fill one line. Large files are encoded in strings of 38 KiB.
const CHUNK = 57 * 512;
const CHECK_CHUNK = 1 << 18;
const scratch = Buffer.allocUnsafeSlow((CHECK_CHUNK / 4) * 3 + 3);

/** Returns the octets of base64 text in lines of 76 characters: CRLF between the lines, none at the end. */
export function wrappedLength(characters: number): number {
  return characters === 0 ? 0 : characters + 2 * (Math.ceil(characters / LINE) - 1);
}

/** Returns the number of base64 characters for a number of octets. */
export function base64Length(octets: number): number {
  return Math.ceil(octets / 3) * 4;
}

/** Writes base64 text without blanks in lines of 76 characters. Returns the index of the end. */
export function putWrapped(target: Buffer, start: number, text: string): number {
  const end = start + wrappedLength(text.length);
  // The text is written at the end of its place, then moved line by line to the front. This avoids a string for each line.
  let from = end - text.length;
  target.write(text, from, 'latin1');
  let at = start;
  while (at < from) {
    target.copyWithin(at, from, from + LINE);
    target[at + LINE] = 13;
    target[at + LINE + 1] = 10;
    at += STEP;
    from += LINE;
  }
  return end;
}

/** Writes octets as base64 in lines of 76 characters. Returns the index of the end. */
export function putEncoded(target: Buffer, start: number, octets: Uint8Array): number {
  const source = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  let at = start;
  for (let i = 0; i < source.length; i += CHUNK) {
    if (i > 0) {
      target[at++] = 13;
      target[at++] = 10;
    }
    at = putWrapped(target, at, source.toString('base64', i, Math.min(i + CHUNK, source.length)));
  }
  return at;
}

/** Returns true if base64 text contains line breaks or other blanks. */
export function hasBlanks(text: string): boolean {
  return text.includes('\n') || text.includes('\r') || text.includes(' ') || text.includes('\t');
}

/**
 * Checks base64 text in the standard alphabet (RFC 4648 4) with padding. Spaces, tabs and line breaks are allowed anywhere.
 * The value is the number of encoded octets.
 */
export function parseBase64(text: string): Parsed<number> {
  return isPlainBase64(text) ? accept(octetsOf(text.length, text)) : examine(text);
}

/**
 * The fast check, for text without blanks. It uses the native decoder, which skips unknown characters. The result has the
 * full length only if there were none.
 */
function isPlainBase64(text: string): boolean {
  if (text.length % 4 !== 0 || text.includes('-') || text.includes('_')) return false;
  for (let i = 0; i < text.length; i += CHECK_CHUNK) {
    const piece = text.length <= CHECK_CHUNK ? text : text.slice(i, i + CHECK_CHUNK);
    const isLast = i + CHECK_CHUNK >= text.length;
    if (scratch.write(piece, 'base64') !== (isLast ? octetsOf(piece.length, piece) : (piece.length / 4) * 3))
      return false;
  }
  return true;
}

function octetsOf(characters: number, text: string): number {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return (characters / 4) * 3 - padding;
}

/** The slow check, character by character: for text with blanks, and to find the problem. */
function examine(text: string): Parsed<number> {
  let digits = 0;
  let padding = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x20 || code === 9 || code === 10 || code === 13) continue;
    if (code === 0x3d) padding++;
    else if (!isDigit(code)) return refusal(`character ${i + 1} (${nameOf(text, i)}) is not base64`);
    else if (padding > 0) return refusal(`character ${i + 1} follows the padding`);
    else digits++;
  }
  if (padding > 2) return refusal('more than two padding characters');
  if ((digits + padding) % 4 === 0) return accept(Math.floor((digits * 3) / 4));
  return refusal(
    padding === 0 && digits % 4 !== 1
      ? 'the padding is missing'
      : `${digits + padding} characters, which is not a multiple of four: the end is missing`,
  );
}

function isDigit(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x30 && code <= 0x39) ||
    code === 0x2b ||
    code === 0x2f
  );
}

function nameOf(text: string, index: number): string {
  return JSON.stringify(String.fromCodePoint(text.codePointAt(index) ?? 0));
}

function refusal(problem: string): Parsed<number> {
  return refuse(`not valid base64: ${problem}`);
}
