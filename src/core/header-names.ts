import { trimBlanks } from './blanks.ts';
import { hasControl } from './control-characters.ts';
import type { HeaderField } from './message.ts';
import { accept, type Parsed, refuse } from './parsed.ts';

/** Header fields of the caller's own in one message. */
export const MAX_CUSTOM_HEADERS = 50;
/** Octets of all of them together, names and values in UTF-8. */
export const MAX_CUSTOM_HEADER_OCTETS = 8192;

/** Characters of a subject; RFC 5322 knows no limit but that of its lines, and servers have one for the whole header. */
export const MAX_SUBJECT_LENGTH = 998;

// Of RFC 5322 2.2 ftext the characters that are also of a token (RFC 9110 5.6.2): no name looks like an encoded word or
// an address. 76 leaves the line limit of 998 far away however it is folded.
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,76}$/;

// What we write ourselves, what only servers on the way may write, and what PowerMTA takes for orders.
const DENIED_NAMES = new Set([
  'from',
  'sender',
  'to',
  'cc',
  'bcc',
  'reply-to',
  'subject',
  'date',
  'message-id',
  'mime-version',
  'received',
  'return-path',
  'authentication-results',
  'x-sender',
  'x-receiver',
  'x-envid',
  'x-virtual-mta',
  'x-job',
]);
const DENIED_PREFIXES = ['content-', 'dkim-', 'arc-', 'resent-', 'x-dsn'];

/** Whether a text can be the name of a header field at all. */
export function isHeaderName(text: string): boolean {
  return HEADER_NAME.test(text);
}

/** Whether a caller may not set this header field, in whatever capitals: it is ours, a server's, or an order to one. */
export function isDeniedHeaderName(name: string): boolean {
  const lower = name.toLowerCase();
  return DENIED_NAMES.has(lower) || DENIED_PREFIXES.some(prefix => lower.startsWith(prefix));
}

/** Whether a subject has too many characters. */
export function isSubjectTooLong(subject: string): boolean {
  // UTF-16 has one or two units for a character: most subjects need no counting.
  if (subject.length <= MAX_SUBJECT_LENGTH) return false;
  return subject.length > 2 * MAX_SUBJECT_LENGTH || [...subject].length > MAX_SUBJECT_LENGTH;
}

/** Checks the value of a header field, Unicode on one line, and gives it without the blanks around it; tabs inside stay. */
export function checkHeaderValue(value: string): Parsed<string> {
  if (value.length > MAX_CUSTOM_HEADER_OCTETS) return tooLarge;
  if (hasControl(value.replaceAll('\t', ' '))) return refuse('the value contains a control character');
  return accept(trimBlanks(value));
}

/** Checks all header fields of the caller's own together: each name and value, how many there are, and their size. */
export function checkHeaderFields(fields: readonly HeaderField[]): Parsed<HeaderField[]> {
  if (fields.length > MAX_CUSTOM_HEADERS)
    return refuse(`there are more than ${MAX_CUSTOM_HEADERS} header fields`);
  const checked: HeaderField[] = [];
  let octets = 0;
  for (const field of fields) {
    const value = checkHeaderField(field);
    if (!value.ok) return value;
    octets += field.name.length + Buffer.byteLength(value.value);
    if (octets > MAX_CUSTOM_HEADER_OCTETS) return tooLarge;
    checked.push({ name: field.name, value: value.value });
  }
  return accept(checked);
}

function checkHeaderField({ name, value }: HeaderField): Parsed<string> {
  if (!isHeaderName(name)) return refuse(`${JSON.stringify(name.slice(0, 76))} is not a header name`);
  if (isDeniedHeaderName(name)) return refuse(`the header ${name} cannot be set`);
  const checked = checkHeaderValue(value);
  return checked.ok ? checked : refuse(`header ${name}: ${checked.reason}`);
}

const tooLarge = refuse(`the header fields are larger than ${MAX_CUSTOM_HEADER_OCTETS} octets together`);
