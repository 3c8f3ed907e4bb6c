// Category Cc (C0, DEL, C1), the Unicode line and paragraph separators, and lone surrogates, which UTF-8 cannot encode.
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u;

/** Returns true if a text has a character that must not be in an address, a display name or a command. Tab is one. */
export function hasControl(text: string): boolean {
  return CONTROL.test(text);
}
