const CR = 13;
const LF = 10;
const MAX_LINE = 998; // RFC 5322 2.1.1, without CRLF

/** 1 for octets that need handling. A table in the inner loop is twice as fast as comparisons. */
const IS_SPECIAL = new Uint8Array(256);
IS_SPECIAL[0] = 1;
IS_SPECIAL[CR] = 1;
IS_SPECIAL[LF] = 1;

/** The first offsets (in octets) at which a message breaks RFC 5322 2.3 or RFC 5321 2.3.8; absent: nowhere. */
export interface LineEndReport {
  readonly bareCr?: number;
  readonly bareLf?: number;
  readonly nul?: number;
  /** Start of the first line over 998 octets. */
  readonly longLine?: number;
}

/** Finds CR without LF, LF without CR, NUL, and lines over 998 octets. */
export function checkLineEnds(mime: Uint8Array): LineEndReport {
  const report: { -readonly [K in keyof LineEndReport]: LineEndReport[K] } = {};
  let lineStart = 0;
  for (let i = 0; i <= mime.length; i++) {
    while (i < mime.length && IS_SPECIAL[mime[i] as number] === 0) i++;
    const octet = i < mime.length ? mime[i] : LF;
    if (octet === 0) report.nul ??= i;
    else if (octet === CR && mime[i + 1] !== LF) report.bareCr ??= i;
    else if (octet === LF) {
      const isCrlf = i > 0 && mime[i - 1] === CR;
      if (!isCrlf && i < mime.length) report.bareLf ??= i;
      if (i - (isCrlf ? 1 : 0) - lineStart > MAX_LINE) report.longLine ??= lineStart;
      lineStart = i + 1;
    }
  }
  return report;
}

/** Replaces each CRLF, CR and LF by CRLF. Returns the same buffer if nothing changes. */
export function normaliseLineEnds(text: Buffer): Buffer {
  const missing = countBareLineEnds(text);
  if (missing === 0) return text;
  const result = Buffer.allocUnsafeSlow(text.length + missing);
  putWithCrlf(result, 0, text, text.length);
  return result;
}

/** Copies a text with CRLF for each line end. The target must be large enough. Returns the index of the end. */
export function putWithCrlf(target: Uint8Array, start: number, text: Uint8Array, length: number): number {
  let at = start;
  for (let i = 0; i < length; i++) {
    while (i < length && IS_SPECIAL[text[i] as number] === 0) target[at++] = text[i++] as number;
    if (i === length) break;
    if (text[i] === 0) {
      target[at++] = 0;
      continue;
    }
    if (text[i] === CR && i + 1 < length && text[i + 1] === LF) i++;
    target[at++] = CR;
    target[at++] = LF;
  }
  return at;
}

function countBareLineEnds(text: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    while (i < text.length && IS_SPECIAL[text[i] as number] === 0) i++;
    if (text[i] === LF) count++;
    else if (text[i] === CR) {
      if (text[i + 1] === LF) i++;
      else count++;
    }
  }
  return count;
}
