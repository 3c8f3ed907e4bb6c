/** What parsing gives: the value, or a sentence (no capital, no full stop) that says what is wrong. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string };

/** The parse went well. */
export function accept<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

/** The parse failed for this reason, which is shown to the caller. */
export function refuse(reason: string): { readonly ok: false; readonly reason: string } {
  return { ok: false, reason };
}
