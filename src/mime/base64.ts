import { accept, type Parsed, refuse } from '../core/parsed.ts';

const LINE = 76; // RFC 2045 6.8
const STEP = LINE + 2;
// A multiple of 57 octets, which make one line: large files are encoded in strings of 38 KiB.
const CHUNK = 57 * 512;
const CHECK_CHUNK = 1 << 18;
const scratch = Buffer.allocUnsafeSlow((CHECK_CHUNK / 4) * 3 + 3);

/** The octets of so many base64 characters in lines of 76: CRLF between the lines, none at the end. */
export function wrappedLength(characters: number): number {
  return characters === 0 ? 0 : characters + 2 * (Math.ceil(characters / LINE) - 1);
}

/** The base64 characters for so many octets. */
export function base64Length(octets: number): number {
  return Math.ceil(octets / 3) * 4;
}

/** Writes base64 text, which holds no blanks, in lines of 76; returns where it ends. */
export function putWrapped(target: Buffer, start: number, text: string): number {
  const end = start + wrappedLength(text.length);
  // The text goes to the end of its place in one piece, and from there line by line to the front: no string per line.
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

/** Writes octets as base64 in lines of 76; returns where it ends. */
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

/** Whether base64 text has line breaks or other blanks in it. */
export function hasBlanks(text: string): boolean {
  return text.includes('\n') || text.includes('\r') || text.includes(' ') || text.includes('\t');
}

/**
 * Checks base64 text: the standard alphabet (RFC 4648 4), padded; spaces, tabs and line breaks may stand anywhere. The
 * value is the number of octets it stands for.
 */
export function parseBase64(text: string): Parsed<number> {
  return isPlainBase64(text) ? accept(octetsOf(text.length, text)) : examine(text);
}

/**
 * The quick answer for text without blanks, by a decoder that works on many characters at once: being lenient it skips
 * what it does not know, so that the result is of full length only when there was nothing of the kind.
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

/** The slow answer, character by character: for text with blanks, and to say what is wrong. */
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
      : `${digits + padding} characters, which is no multiple of four: it was cut off`,
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
