const CR = 13;
const LF = 10;
const MAX_LINE = 998; // RFC 5322 2.1.1, without CRLF

/** Where (offset in octets) a message first breaks the rules of RFC 5322 2.3 and 5321 2.3.8; absent: nowhere. */
export interface LineEndReport {
  readonly bareCr?: number;
  readonly bareLf?: number;
  readonly nul?: number;
  /** Start of the first line over 998 octets. */
  readonly longLine?: number;
}

/** Looks for CR without LF, LF without CR, NUL and lines over 998 octets. */
export function checkLineEnds(mime: Uint8Array): LineEndReport {
  const report: { -readonly [K in keyof LineEndReport]: LineEndReport[K] } = {};
  let lineStart = 0;
  for (let i = 0; i <= mime.length; i++) {
    const byte = i < mime.length ? (mime[i] as number) : LF;
    if (byte > CR) continue;
    if (byte === 0) report.nul ??= i;
    else if (byte === CR && mime[i + 1] !== LF) report.bareCr ??= i;
    else if (byte === LF) {
      const isCrlf = i > 0 && mime[i - 1] === CR;
      if (!isCrlf && i < mime.length) report.bareLf ??= i;
      if (i - (isCrlf ? 1 : 0) - lineStart > MAX_LINE) report.longLine ??= lineStart;
      lineStart = i + 1;
    }
  }
  return report;
}

/** The same text with CRLF for every CRLF, CR or LF; the very same buffer when nothing changes. */
export function normaliseLineEnds(text: Buffer): Buffer {
  const missing = countBareLineEnds(text);
  if (missing === 0) return text;
  const result = Buffer.allocUnsafeSlow(text.length + missing);
  putWithCrlf(result, 0, text, text.length);
  return result;
}

/** Copies a text with CRLF for every line end; the room for it must be there. Returns where it ends. */
export function putWithCrlf(target: Uint8Array, start: number, text: Uint8Array, length: number): number {
  let at = start;
  for (let i = 0; i < length; i++) {
    const byte = text[i] as number;
    if (byte !== CR && byte !== LF) {
      target[at++] = byte;
      continue;
    }
    if (byte === CR && i + 1 < length && text[i + 1] === LF) i++;
    target[at++] = CR;
    target[at++] = LF;
  }
  return at;
}

function countBareLineEnds(text: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const byte = text[i] as number;
    if (byte === LF) count++;
    else if (byte === CR) {
      if (text[i + 1] === LF) i++;
      else count++;
    }
  }
  return count;
}
