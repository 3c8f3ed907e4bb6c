/** A reply of the server. Only the replies to EHLO and HELP can have several lines. */
export interface SmtpReply {
  readonly code: number;
  /** RFC 2034; absent for replies without one: greeting, EHLO and 3xx. */
  readonly enhanced?: string;
  readonly lines: readonly string[];
}

/** Maximum text of a line. Code and line end fit in the 512 octets of RFC 5321 4.5.3.1.5. */
const LONGEST_TEXT = 480;

/** Creates a reply of one line with an enhanced code. */
export function reply(code: number, enhanced: string, text: string): SmtpReply {
  return { code, enhanced, lines: [text] };
}

/** Creates a reply without an enhanced code. */
export function plainReply(code: number, ...lines: readonly string[]): SmtpReply {
  return { code, lines };
}

/** Formats a reply for the connection. Characters that are not printable ASCII, such as line ends, become `?`. */
export function formatReply({ code, enhanced, lines }: SmtpReply): string {
  const prefix = enhanced === undefined ? '' : `${enhanced} `;
  const last = lines.length - 1;
  return lines
    .map((line, index) => `${code}${index === last ? ' ' : '-'}${prefix}${printable(line)}\r\n`)
    .join('');
}

function printable(text: string): string {
  return text.slice(0, LONGEST_TEXT).replace(/[^ -~]/g, '?');
}
