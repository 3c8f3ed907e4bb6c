// Every message of a run has its own number, so that a lost message or a duplicate is noticed.

/** The text before the number in a message. The sink searches for it. No transfer encoding changes it. */
export const MARKER = 'postern-bench-';
/** The placeholder for the number in a template. */
export const PLACEHOLDER = '@@@@@@@@';
/** Digits of a stamped number. */
export const STAMP_LENGTH = PLACEHOLDER.length;

const ZERO = 0x30;
const MARKER_BYTES = Buffer.from(MARKER);

/** The offsets of the placeholders in a template. */
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

/** Writes a number with leading zeros at each of these offsets. */
export function stamp(bytes: Buffer, places: readonly number[], id: number): void {
  for (const place of places) {
    let rest = id;
    for (let at = place + STAMP_LENGTH - 1; at >= place; at--) {
      bytes[at] = ZERO + (rest % 10);
      rest = Math.floor(rest / 10);
    }
  }
}

/** The number after the first marker in a range of bytes; undefined if there is no complete one. */
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
