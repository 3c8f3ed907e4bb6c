import type { Mailbox } from '../../core/address.ts';
import { AppError } from '../../core/errors.ts';
import { mailboxOf, parseMailbox } from '../../core/mailbox.ts';
import { isTooDeep } from '../json-depth.ts';
import { quoteBytes } from './go-quote.ts';
import { scanFirstValue } from './go-scanner.ts';

/** The JSON object of this API, decoded; what the caller left out is undefined or empty. */
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

/** Says what is wrong with a value; `raw` is the value as it was sent. */
type Complaint = (raw: Buffer) => string;
type Decode = (message: PowerMtaMessage, value: unknown) => Complaint | undefined;

/** Of a refused value, at most so many bytes are shown. */
const SHOWN_BYTES = 1_000;

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

/** Decodes a body as the original's Go program does: the first JSON value counts, keys in any case, the first error is said. */
export function decodeMessage(body: Buffer): PowerMtaMessage {
  return decodeWhole(body) ?? decodeByMember(body);
}

/** The way of nearly all requests: the body is one JSON object without fault. Undefined: take the slow way. */
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

/** Member by member in the order of the text, so that the first fault is found and can be quoted as it was sent. */
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
    const complaint = decode?.(message, JSON.parse(raw.toString('utf8')));
    if (complaint !== undefined) throw new AppError('malformed', complaint(raw));
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

/** Go matches keys by Unicode simple folding, in which the long s and the Kelvin sign are an s and a k. */
function fold(key: string): string {
  return key.toLowerCase().replaceAll('\u017f', 's');
}

function fieldOf(key: string): Decode | undefined {
  return FIELDS.get(key) ?? FIELDS.get(fold(key));
}

function decodeString(field: string, value: unknown, set: (text: string) => void): Complaint | undefined {
  if (typeof value === 'string') set(value);
  else if (value !== null) {
    return () =>
      `json: cannot unmarshal ${kindOf(value)} into Go struct field message.${field} of type string`;
  }
  return undefined;
}

function decodeSender(message: PowerMtaMessage, value: unknown): Complaint | undefined {
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
    raw.length > SHOWN_BYTES ? Buffer.concat([raw.subarray(0, SHOWN_BYTES), Buffer.from('...')]) : raw,
  );
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
