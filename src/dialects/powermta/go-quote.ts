import { isUtf8 } from 'node:buffer';

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

/** The characters that are printable for Go's unicode.IsPrint: letters, marks, numbers, punctuation, symbols, and space. */
const PRINTABLE = /^[ \p{L}\p{M}\p{N}\p{P}\p{S}]$/u;

/** Quotes bytes as Go's `%q` quotes a string. */
export function quoteBytes(bytes: Buffer): string {
  if (isUtf8(bytes)) return `"${[...bytes.toString('utf8')].map(escapeRune).join('')}"`;
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = [1, 2, 3, 4].find(
      count => at + count <= bytes.length && isUtf8(bytes.subarray(at, at + count)),
    );
    text +=
      length === undefined ? hexByte(bytes[at] ?? 0) : escapeRune(bytes.toString('utf8', at, at + length));
    at += length ?? 1;
  }
  return `"${text}"`;
}

/** Quotes a byte as Go's encoding/json shows an unexpected character. */
export function quoteByte(byte: number): string {
  if (byte === 0x27) return `'\\''`;
  if (byte === 0x22) return `'"'`;
  return `'${escapeRune(String.fromCharCode(byte))}'`;
}

function escapeRune(rune: string): string {
  const short = SHORT_ESCAPES[rune];
  if (short !== undefined) return short;
  if (PRINTABLE.test(rune)) return rune;
  const code = rune.codePointAt(0) ?? 0;
  if (code < 0x80) return hexByte(code);
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

function hexByte(byte: number): string {
  return `\\x${hex(byte, 2)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
