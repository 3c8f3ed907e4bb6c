const END_OF_HEAD = Buffer.from('\r\n\r\n');
const STATUS_AT = 'HTTP/1.1 '.length;

/**
 * The status of a reply; undefined while the reply is incomplete. The parser requires Content-Length (RFC 9112, 6.3) and
 * throws without it.
 */
export function readStatus(input: Buffer): number | undefined {
  const headLength = input.indexOf(END_OF_HEAD);
  if (headLength === -1) return undefined;
  const head = input.toString('latin1', 0, headLength);
  const bodyLength = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (!head.startsWith('HTTP/1.1 ') || bodyLength === undefined) {
    throw new Error(`The gate gave a reply that the bench cannot read:\n${head}`);
  }
  const isWhole = input.length >= headLength + END_OF_HEAD.length + Number(bodyLength);
  return isWhole ? Number(head.slice(STATUS_AT, STATUS_AT + 3)) : undefined;
}
