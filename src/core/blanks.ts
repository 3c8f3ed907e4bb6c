/**
 * Removes spaces and tabs at both ends. `trim()` would also remove line breaks, which must be refused. A regular expression
 * that ends in `[ \t]+$` takes quadratic time on a text of many blanks.
 */
export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
