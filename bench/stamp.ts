// Every message of a run carries its own number, so that none is lost or sent twice unseen.

/** What stands in a message before its number, where the sink looks for it. No encoding of mail alters it. */
export const MARKER = 'postern-bench-';
/** Stands for the number in a template. */
export const PLACEHOLDER = '@@@@@@@@';
/** Digits of a number as it is stamped. */
export const STAMP_LENGTH = PLACEHOLDER.length;

const ZERO = 0x30;
const MARKER_BYTES = Buffer.from(MARKER);

/** Where a template has its placeholders. */
export function findPlaces(template: Buffer): readonly number[] {
  const places: number[] = [];
  for (
    let at = template.indexOf(PLACEHOLDER);
    at !== -1;
    at = template.indexOf(PLACEHOLDER, at + STAMP_LENGTH)
  ) {
    places.push(at);
  }
  return places;
}

/** Writes a number, with leading zeros, at each of these places. */
export function stamp(bytes: Buffer, places: readonly number[], id: number): void {
  for (const place of places) {
    let rest = id;
    for (let at = place + STAMP_LENGTH - 1; at >= place; at--) {
      bytes[at] = ZERO + (rest % 10);
      rest = Math.floor(rest / 10);
    }
  }
}

/** The number behind the first marker in a range of bytes; undefined when there is none that is whole. */
export function findStamp(bytes: Buffer, start: number, end: number): number | undefined {
  const at = bytes.indexOf(MARKER_BYTES, start) + MARKER_BYTES.length;
  if (at < start + MARKER_BYTES.length || at + STAMP_LENGTH > end) return undefined;
  let id = 0;
  for (let i = at; i < at + STAMP_LENGTH; i++) {
    const digit = (bytes[i] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    id = id * 10 + digit;
  }
  return id;
}
