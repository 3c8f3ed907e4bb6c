// Results come as text, in which bytea is twice as long as it is; mail is nearly all ASCII, which needs no escape.

const ESCAPE = /\\(\\|[0-7]{3})/g;

/** A bytea column in PostgreSQL's escape format: a backslash is `\\`, NUL and what is not ASCII three octal digits. */
export function escaped(column: string): string {
  return `encode(${column}, 'escape')`;
}

/** Reads that format. */
export function fromEscaped(text: string): Buffer {
  const bytes = text.includes('\\') ? text.replace(ESCAPE, (_, code: string) => byteOf(code)) : text;
  return Buffer.from(bytes, 'latin1');
}

function byteOf(code: string): string {
  return code === '\\' ? code : String.fromCharCode(Number.parseInt(code, 8));
}
