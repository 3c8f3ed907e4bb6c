import type { FormPair } from './form-names.ts';

const [AMPERSAND, EQUALS, PLUS, PERCENT, SPACE] = [0x26, 0x3d, 0x2b, 0x25, 0x20];

/** Reads the pairs of an `application/x-www-form-urlencoded` body as bytes. Unencoded spaces and `%` are kept. */
export function* readUrlencoded(body: Buffer): Generator<FormPair> {
  for (let start = 0; start < body.length; ) {
    const end = find(body, AMPERSAND, start, body.length);
    // Skip empty pairs here, so that megabytes of `&` cost little.
    if (end > start) yield readPair(body.subarray(start, end));
    start = end + 1;
  }
}

function readPair(pair: Buffer): FormPair {
  const equals = find(pair, EQUALS, 0, pair.length);
  return { name: decode(pair, 0, equals).toString('utf8'), value: decode(pair, equals + 1, pair.length) };
}

/** The index of the first `octet`, or `end`. */
function find(body: Buffer, octet: number, from: number, end: number): number {
  const at = body.indexOf(octet, from);
  return at === -1 ? end : at;
}

function decode(body: Buffer, start: number, end: number): Buffer {
  const decoded = Buffer.alloc(Math.max(0, end - start));
  let length = 0;
  for (let at = start; at < end; at++) {
    const octet = body[at] ?? 0;
    const escaped = octet === PERCENT && at + 2 < end ? escapedAt(body, at) : undefined;
    if (escaped !== undefined) at += 2;
    decoded[length++] = escaped ?? (octet === PLUS ? SPACE : octet);
  }
  return decoded.subarray(0, length);
}

function escapedAt(body: Buffer, at: number): number | undefined {
  const high = digitOf(body[at + 1]);
  const low = digitOf(body[at + 2]);
  return high === undefined || low === undefined ? undefined : high * 16 + low;
}

function digitOf(code = 0): number | undefined {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = (code | 0x20) - 0x61;
  return letter >= 0 && letter < 6 ? letter + 10 : undefined;
}
