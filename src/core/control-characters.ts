// All of category Cc (C0, DEL, C1 with NEL), the two Unicode line breaks, and half surrogates, which no UTF-8 can carry.
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u;

/** Whether a text holds a character that may never reach an address, a display name or a command; tab is one. */
export function hasControl(text: string): boolean {
  return CONTROL.test(text);
}
