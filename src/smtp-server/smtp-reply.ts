/** What the server says to a command: one line, but for what EHLO and HELP list. */
export interface SmtpReply {
  readonly code: number;
  /** RFC 2034; absent where it has none to give: greeting, EHLO and 3xx. */
  readonly enhanced?: string;
  readonly lines: readonly string[];
}

/** Text that leaves room for code and line end within the 512 octets of RFC 5321 4.5.3.1.5. */
const LONGEST_TEXT = 480;

/** A reply of one line with an enhanced code. */
export function reply(code: number, enhanced: string, text: string): SmtpReply {
  return { code, enhanced, lines: [text] };
}

/** A reply without an enhanced code. */
export function plainReply(code: number, ...lines: readonly string[]): SmtpReply {
  return { code, lines };
}

/** The reply as it goes over the wire: whatever is no printable ASCII, and might be a line end, becomes a `?`. */
export function wireText({ code, enhanced, lines }: SmtpReply): string {
  const prefix = enhanced === undefined ? '' : `${enhanced} `;
  const last = lines.length - 1;
  return lines
    .map((line, index) => `${code}${index === last ? ' ' : '-'}${prefix}${printable(line)}\r\n`)
    .join('');
}

function printable(text: string): string {
  return text.slice(0, LONGEST_TEXT).replace(/[^ -~]/g, '?');
}
