/** A growing byte buffer. `bytes` is replaced when it grows. Only its first `length` bytes are valid. */
export interface Output {
  bytes: Buffer;
  length: number;
}

/** Creates an empty output with a capacity in bytes. */
export function createOutput(capacity: number): Output {
  return { bytes: Buffer.allocUnsafeSlow(capacity), length: 0 };
}

/** Makes sure that `count` more bytes fit. */
export function reserve(out: Output, count: number): void {
  const needed = out.length + count;
  if (needed <= out.bytes.length) return;
  const grown = Buffer.allocUnsafeSlow(Math.max(needed, out.bytes.length * 2));
  out.bytes.copy(grown, 0, 0, out.length);
  out.bytes = grown;
}

/** Appends a text of characters below U+0080. */
export function putAscii(out: Output, text: string): void {
  reserve(out, text.length);
  const { bytes } = out;
  let at = out.length;
  for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
  out.length = at;
}

/** Appends bytes. */
export function putBytes(out: Output, source: Uint8Array): void {
  reserve(out, source.length);
  out.bytes.set(source, out.length);
  out.length += source.length;
}

/** Returns the written bytes as a Buffer of exactly that size. It shares no memory with the output. */
export function takeCopy(out: Output): Buffer {
  const copy = Buffer.allocUnsafeSlow(out.length);
  out.bytes.copy(copy, 0, 0, out.length);
  return copy;
}
