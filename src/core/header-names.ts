import { trimBlanks } from './blanks.ts';
import { hasControl } from './control-characters.ts';
import type { HeaderField } from './message.ts';
import { accept, type Parsed, refuse } from './parsed.ts';

/** Maximum number of header fields that a caller adds to one message. */
export const MAX_CUSTOM_HEADERS = 50;
/** Maximum octets of these fields together: names and values, in UTF-8. */
export const MAX_CUSTOM_HEADER_OCTETS = 8192;

/** Maximum characters of a subject. RFC 5322 limits only the length of lines. Servers limit the size of the whole header. */
export const MAX_SUBJECT_LENGTH = 998;

// The characters that are both RFC 5322 2.2 ftext and RFC 9110 5.6.2 token: such a name cannot look like an encoded word
// or an address. 76 characters keep a folded line far below the limit of 998.
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,76}$/;

// The gate writes these fields itself, or only other servers may write them, or PowerMTA reads them as instructions.
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

/** Returns true if a text is a valid name of a header field. */
export function isHeaderName(text: string): boolean {
  return HEADER_NAME.test(text);
}

/** Returns true if a caller may not set this header field. Capitals do not matter. */
export function isDeniedHeaderName(name: string): boolean {
  const lower = name.toLowerCase();
  return DENIED_NAMES.has(lower) || DENIED_PREFIXES.some(prefix => lower.startsWith(prefix));
}

/** Returns true if a subject has too many characters. */
export function isSubjectTooLong(subject: string): boolean {
  // A character has one or two UTF-16 units: most subjects need no counting.
  if (subject.length <= MAX_SUBJECT_LENGTH) return false;
  return subject.length > 2 * MAX_SUBJECT_LENGTH || [...subject].length > MAX_SUBJECT_LENGTH;
}

/** Checks the value of a header field: one line of Unicode. Returns it without blanks at its ends. Tabs inside stay. */
export function checkHeaderValue(value: string): Parsed<string> {
  if (value.length > MAX_CUSTOM_HEADER_OCTETS) return tooLarge;
  if (hasControl(value.replaceAll('\t', ' '))) return refuse('the value contains a control character');
  return accept(trimBlanks(value));
}

/** Checks all header fields of a caller: each name and value, their number, and their size together. */
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
