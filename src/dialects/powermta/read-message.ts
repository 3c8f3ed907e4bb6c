import type { Mailbox } from '../../core/address.ts';
import { AppError } from '../../core/errors.ts';
import { mailboxOf, parseMailbox } from '../../core/mailbox.ts';
import { isTooDeep } from '../json-depth.ts';
import { quoteBytes } from './go-quote.ts';
import { scanFirstValue } from './go-scanner.ts';

/** The decoded request. Absent fields are undefined or empty. */
export interface PowerMtaMessage {
  sender: Mailbox | undefined;
  from: Mailbox | undefined;
  to: readonly Mailbox[];
  cc: readonly Mailbox[];
  bcc: readonly Mailbox[];
  replyto: Mailbox | undefined;
  subject: string;
  text: string | undefined;
  html: string | undefined;
}

/** Formats the error text for an invalid value. `raw` has the bytes of the value in the request. */
type FormatError = (raw: Buffer) => string;
type Decode = (message: PowerMtaMessage, value: unknown) => FormatError | undefined;

/** The most bytes of an invalid value in an error text. */
const MAX_QUOTED_BYTES = 1_000;

const FIELDS = new Map<string, Decode>([
  ['sender', decodeSender],
  ['from', mailboxField('from')],
  ['to', listField('to')],
  ['cc', listField('cc')],
  ['bcc', listField('bcc')],
  ['replyto', mailboxField('replyto')],
  ['subject', (message, value) => decodeString('Subject', value, text => (message.subject = text))],
  ['text', (message, value) => decodeString('Text', value, text => (message.text = text))],
  ['html', (message, value) => decodeString('HTML', value, text => (message.html = text))],
]);

/** Decodes a body as the original Go program does: only the first JSON value counts, and keys match in any case. */
export function decodeMessage(body: Buffer): PowerMtaMessage {
  return decodeWhole(body) ?? decodeByMember(body);
}

/** The fast path for valid bodies. Undefined if the body is invalid, or is not exactly one JSON object. */
function decodeWhole(body: Buffer): PowerMtaMessage | undefined {
  const value = parseWhole(body.toString('utf8'));
  if (!isObject(value)) return undefined;
  const message = emptyMessage();
  for (const [key, member] of Object.entries(value)) {
    if (fieldOf(key)?.(message, member) !== undefined) return undefined;
  }
  return message;
}

function parseWhole(text: string): unknown {
  if (isTooDeep(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Decodes the members in the order of the text, so that the error is about the first invalid one and quotes its bytes. */
function decodeByMember(body: Buffer): PowerMtaMessage {
  const message = emptyMessage();
  const first = scanFirstValue(body);
  if (first.kind !== 'object' && first.kind !== 'null') {
    throw new AppError(
      'malformed',
      `json: cannot unmarshal ${first.kind} into Go value of type main.message`,
    );
  }
  for (const { key, value } of first.members) {
    const decode = fieldOf(JSON.parse(body.toString('utf8', key.start, key.end)));
    const raw = body.subarray(value.start, value.end);
    const formatError = decode?.(message, JSON.parse(raw.toString('utf8')));
    if (formatError !== undefined) throw new AppError('malformed', formatError(raw));
  }
  return message;
}

function emptyMessage(): PowerMtaMessage {
  return {
    sender: undefined,
    from: undefined,
    to: [],
    cc: [],
    bcc: [],
    replyto: undefined,
    subject: '',
    text: undefined,
    html: undefined,
  };
}

/** Go compares keys with Unicode simple case folding: the long s (U+017F) is an s, the Kelvin sign (U+212A) is a k. */
function fold(key: string): string {
  return key.toLowerCase().replaceAll('\u017f', 's');
}

function fieldOf(key: string): Decode | undefined {
  return FIELDS.get(key) ?? FIELDS.get(fold(key));
}

function decodeString(field: string, value: unknown, set: (text: string) => void): FormatError | undefined {
  if (typeof value === 'string') set(value);
  else if (value !== null) {
    return () =>
      `json: cannot unmarshal ${kindOf(value)} into Go struct field message.${field} of type string`;
  }
  return undefined;
}

function decodeSender(message: PowerMtaMessage, value: unknown): FormatError | undefined {
  if (typeof value !== 'string') return decodeString('Sender', value, () => {});
  return mailboxField('sender')(message, value);
}

function mailboxField(name: 'sender' | 'from' | 'replyto'): Decode {
  return (message, value) => {
    const isAbsent = value === null || value === '';
    message[name] = isAbsent ? undefined : toMailbox(value);
    if (isAbsent || message[name] !== undefined) return undefined;
    return raw => `cannot decode ${quote(raw)} as address`;
  };
}

function listField(name: 'to' | 'cc' | 'bcc'): Decode {
  return (message, value) => {
    const items = Array.isArray(value) ? value : value === null || value === '' ? [] : [value];
    const mailboxes = items.map(toMailbox).filter(mailbox => mailbox !== undefined);
    if (mailboxes.length < items.length) return raw => `cannot decode ${quote(raw)} as address list`;
    message[name] = mailboxes;
    return undefined;
  };
}

function toMailbox(value: unknown): Mailbox | undefined {
  const parsed =
    typeof value === 'string' ? parseMailbox(value) : isObject(value) ? mailboxOfObject(value) : undefined;
  return parsed?.ok ? parsed.value : undefined;
}

function mailboxOfObject(value: object): ReturnType<typeof mailboxOf> | undefined {
  const parts = { name: '', address: '' };
  for (const [key, part] of Object.entries(value)) {
    const name = fold(key);
    if (name !== 'name' && name !== 'address') continue;
    if (typeof part === 'string') parts[name] = part;
    else if (part !== null) return undefined;
  }
  return mailboxOf(parts.name, parts.address);
}

function quote(raw: Buffer): string {
  return quoteBytes(
    raw.length > MAX_QUOTED_BYTES
      ? Buffer.concat([raw.subarray(0, MAX_QUOTED_BYTES), Buffer.from('...')])
      : raw,
  );
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
