import type { Mailbox } from '../../core/address.ts';
import { checkHeaderFields, checkHeaderValue, isHeaderName } from '../../core/header-names.ts';
import { parseMailbox, parseMailboxList } from '../../core/mailbox.ts';
import type { HeaderField } from '../../core/message.ts';
import { accept } from '../../core/parsed.ts';
import { parseJsonText } from './json-text.ts';
import { parseMailDate } from './mail-date.ts';
import { type Fields, isAbsent, isRecord, textOf } from './values.ts';

/** What the custom headers of a message come to. */
export interface CustomHeaders {
  readonly fields: readonly HeaderField[];
  readonly replyTo: readonly Mailbox[];
  /** Epoch ms; absent: none was given that is valid. */
  readonly date?: number;
  /** With its angle brackets; absent likewise. */
  readonly messageId?: string;
  /** The first names of those that are not the client's to set, as it wrote them. */
  readonly ignored: readonly string[];
}

/** Under construction. */
interface Draft {
  readonly fields: HeaderField[];
  readonly ignored: string[];
  replyTo: readonly Mailbox[];
  date?: number;
  messageId?: string;
}

// Clients that prepare a whole message send all its headers here; these follow from the other fields.
const IGNORED =
  /^(?:from|sender|to|cc|bcc|subject|mime-version|content-.*|received|return-path|dkim-.*|x-sender|x-receiver)$/i;
const MESSAGE_ID = /^<[!-;=?A-~]{1,400}@[!-;=?A-~]{1,400}>$/;
/** More are ignored without a note: it is kept with the message. */
const MAX_NOTED = 50;
const FOLD = /(?:\r\n|\r|\n)(?=[ \t])/g;

/** Reads an object of header fields, or its JSON as text; undefined when it, or one of them, is not valid. */
export function readCustomHeaders(value: unknown): CustomHeaders | undefined {
  const given = objectOf(value);
  if (given === undefined) return undefined;
  const draft: Draft = { fields: [], ignored: [], replyTo: [] };
  for (const [name, text] of Object.entries(given)) {
    if (IGNORED.test(name)) ignore(draft, name);
    else if (!isHeaderName(name)) return undefined;
    else if (!isAbsent(text) && !readField(draft, name, text)) return undefined;
  }
  return checkHeaderFields(draft.fields).ok ? draft : undefined;
}

function objectOf(value: unknown): Fields | undefined {
  if (isAbsent(value)) return {};
  if (isRecord(value)) return value;
  const text = textOf(value);
  const parsed = text === undefined ? value : parseJsonText(text);
  if (isRecord(parsed)) return parsed;
  // PHP's empty array is an empty object.
  return parsed === null || (Array.isArray(parsed) && parsed.length === 0) ? {} : undefined;
}

/** Puts a field where it belongs; false when it is not valid. */
function readField(draft: Draft, name: string, given: unknown): boolean {
  const text = textOf(given);
  const checked = text === undefined ? undefined : checkHeaderValue(text.replace(FOLD, ''));
  if (!checked?.ok) return false;
  const { value } = checked;
  const lowerName = name.toLowerCase();
  if (lowerName === 'date') readDate(draft, name, value);
  else if (lowerName === 'message-id') readMessageId(draft, name, value);
  else if (lowerName === 'reply-to') return readReplyTo(draft, value);
  else draft.fields.push({ name, value });
  return true;
}

function readDate(draft: Draft, name: string, value: string): void {
  const date = parseMailDate(value);
  if (date === undefined) ignore(draft, name);
  else draft.date = date;
}

function readMessageId(draft: Draft, name: string, value: string): void {
  if (MESSAGE_ID.test(value)) draft.messageId = value;
  else ignore(draft, name);
}

function readReplyTo(draft: Draft, value: string): boolean {
  const one = parseMailbox(value);
  const list = one.ok ? accept([one.value]) : parseMailboxList(value);
  if (list.ok) draft.replyTo = list.value;
  return list.ok;
}

function ignore(draft: Draft, name: string): void {
  if (draft.ignored.length < MAX_NOTED) draft.ignored.push(name.slice(0, 100));
}
