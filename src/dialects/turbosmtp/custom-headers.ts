import type { Mailbox } from '../../core/address.ts';
import { checkHeaderFields, checkHeaderValue, isHeaderName } from '../../core/header-names.ts';
import { parseMailbox, parseMailboxList } from '../../core/mailbox.ts';
import type { HeaderField } from '../../core/message.ts';
import { accept } from '../../core/parsed.ts';
import { parseJsonText } from './json-text.ts';
import { parseMailDate } from './mail-date.ts';
import { type Fields, isAbsent, isRecord, textOf } from './values.ts';

/** The parsed custom headers of a message. */
export interface CustomHeaders {
  readonly fields: readonly HeaderField[];
  readonly replyTo: readonly Mailbox[];
  /** Epoch ms; absent if the headers have no valid Date. */
  readonly date?: number;
  /** With its angle brackets; absent if the headers have no valid Message-ID. */
  readonly messageId?: string;
  /** The first names of ignored headers, as the client wrote them. A client must not set these headers. */
  readonly ignored: readonly string[];
}

interface Draft {
  readonly fields: HeaderField[];
  readonly ignored: string[];
  replyTo: readonly Mailbox[];
  date?: number;
  messageId?: string;
}

// Some clients send all headers of a message here. These headers are ignored: they follow from the other fields.
const IGNORED =
  /^(?:from|sender|to|cc|bcc|subject|mime-version|content-.*|received|return-path|dkim-.*|x-sender|x-receiver)$/i;
const MESSAGE_ID = /^<[!-;=?A-~]{1,400}@[!-;=?A-~]{1,400}>$/;
/** The most names that are stored with a message. Further ones are ignored without a note. */
const MAX_NOTED = 50;
const FOLD = /(?:\r\n|\r|\n)(?=[ \t])/g;

/** Reads an object of header fields, or its JSON text. Undefined if the object or one of its fields is invalid. */
export function readCustomHeaders(value: unknown): CustomHeaders | undefined {
  const headers = objectOf(value);
  if (headers === undefined) return undefined;
  const draft: Draft = { fields: [], ignored: [], replyTo: [] };
  for (const [name, text] of Object.entries(headers)) {
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
  // PHP writes an empty object as `[]`.
  return parsed === null || (Array.isArray(parsed) && parsed.length === 0) ? {} : undefined;
}

/** Adds a field to the draft. Returns false if it is invalid. */
function readField(draft: Draft, name: string, input: unknown): boolean {
  const text = textOf(input);
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
  const single = parseMailbox(value);
  const list = single.ok ? accept([single.value]) : parseMailboxList(value);
  if (list.ok) draft.replyTo = list.value;
  return list.ok;
}

function ignore(draft: Draft, name: string): void {
  if (draft.ignored.length < MAX_NOTED) draft.ignored.push(name.slice(0, 100));
}
