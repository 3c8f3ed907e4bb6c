import { isAscii } from 'node:buffer';
import type { Address } from '../core/address.ts';
import { parseMailboxList } from '../core/mailbox.ts';
import type { HeaderField } from '../core/message.ts';
import { putMessageId, putPlainField } from './content-header.ts';
import { mailDate } from './date.ts';
import { decodeWords } from './decode-words.ts';
import { putTextField } from './header-text.ts';
import { createHeaderWriter, endLine } from './header-writer.ts';
import { createOutput, takeCopy } from './output.ts';
import { headerEnd, type RawField, rawFields, rawName, rawValue } from './raw-header.ts';

/** The fields to add in front of a raw message. */
export interface RawFrame {
  /** Epoch ms, for a missing Date field. */
  readonly date: number;
  /** Message-ID with angle brackets, for a missing Message-ID field. */
  readonly messageId: string;
  readonly traceHeaders?: readonly HeaderField[];
}

/** A raw message as it will be sent, and the facts of its header. */
export interface PreparedRaw {
  readonly mime: Buffer;
  /** The addresses in all From fields; absent when one of the fields is invalid, empty when there is none. */
  readonly fromAddresses?: readonly Address[];
  /** The first From address, or `''`. */
  readonly from: Address | '';
  /** Decoded subject; `''` when there is none. */
  readonly subject: string;
  /** The Message-ID with its angle brackets, from the message or from the frame. */
  readonly messageIdHeader: string;
  /** The text of the Date field, from the message or from the frame. */
  readonly date: string;
  /** Number of Received fields: the servers that it has passed. */
  readonly receivedCount: number;
  /** The message has octets above 127. */
  readonly eightBit: boolean;
  /** The header has octets above 127. */
  readonly smtputf8: boolean;
}

// Bcc must stay secret. Only the last server may write Return-Path. Content-Length is wrong after a field was added.
const REMOVED = new Set(['bcc', 'resent-bcc', 'return-path', 'content-length']);

/**
 * Prepares a raw message for sending. It removes Bcc, Resent-Bcc, Return-Path and Content-Length, and puts the trace fields
 * and a missing Date or Message-ID in front. All other octets stay the same. If nothing is removed, the result ends with
 * exactly the given octets.
 */
export function prepareRaw(mime: Buffer, frame: RawFrame): PreparedRaw {
  const end = hasHeader(mime) ? headerEnd(mime) : 0;
  const found = readHeader(mime, end);
  const front = writeFront(mime, end, found, frame);
  const kept = withoutRanges(mime, found.removed);
  const result = front.length === 0 ? kept : Buffer.concat([front, kept]);
  const fromAddresses = addressesIn(found.from);
  return {
    mime: result,
    ...(fromAddresses && { fromAddresses }),
    from: fromAddresses?.[0] ?? '',
    subject: decodeWords(found.subject ?? ''),
    messageIdHeader: found.messageId === undefined ? frame.messageId : idIn(found.messageId),
    date: found.date ?? mailDate(frame.date),
    receivedCount: found.receivedCount,
    eightBit: !isAscii(result),
    smtputf8: !isAscii(mime.subarray(0, end)),
  };
}

/** Removes the header fields, with their folded lines, whose lower-case name matches the predicate. */
export function removeFields(mime: Buffer, isUnwanted: (name: string) => boolean): Buffer {
  const removed: RawField[] = [];
  for (const field of rawFields(mime, 0, headerEnd(mime))) {
    const name = rawName(mime, field);
    if (name !== '' && isUnwanted(name)) removed.push(field);
  }
  return withoutRanges(mime, removed);
}

interface FoundHeader {
  readonly removed: RawField[];
  readonly from: string[];
  subject?: string;
  messageId?: string;
  date?: string;
  receivedCount: number;
}

function readHeader(mime: Buffer, end: number): FoundHeader {
  const found: FoundHeader = { removed: [], from: [], receivedCount: 0 };
  for (const field of rawFields(mime, 0, end)) {
    const name = rawName(mime, field);
    if (REMOVED.has(name) || isMboxLine(mime, field)) found.removed.push(field);
    else if (name === 'received') found.receivedCount++;
    else if (name === 'from') found.from.push(rawValue(mime, field));
    else if (name === 'subject') found.subject ??= rawValue(mime, field);
    else if (name === 'date' || name === 'message-id') readUnique(mime, field, name, found);
  }
  return found;
}

/** Reads a Date or Message-ID. An empty one is removed, because it counts as missing and a new one is added. */
function readUnique(mime: Buffer, field: RawField, name: 'date' | 'message-id', found: FoundHeader): void {
  const value = rawValue(mime, field);
  if (value === '') found.removed.push(field);
  else if (name === 'date') found.date ??= value;
  else found.messageId ??= value;
}

function writeFront(mime: Buffer, end: number, found: FoundHeader, frame: RawFrame): Buffer {
  const header = createHeaderWriter(createOutput(1024));
  for (const { name, value } of frame.traceHeaders ?? []) putTextField(header, name, value);
  if (found.date === undefined) putPlainField(header, 'Date', mailDate(frame.date));
  if (found.messageId === undefined) putMessageId(header, frame.messageId);
  // Text without a header needs an empty line before it, unless it starts with one.
  if (end === 0 && mime[0] !== 13 && mime[0] !== 10) endLine(header);
  return takeCopy(header.out);
}

/** Returns true if the first line can belong to a header: a field, or the separator line of an mbox file. */
function hasHeader(mime: Buffer): boolean {
  const [first] = rawFields(mime, 0, headerEnd(mime));
  return first !== undefined && (first.colon !== undefined || isMboxLine(mime, first));
}

/** Detects `From somebody Sat Nov 21 …`: mail from an mbox file can start with it. It is not a header field. */
function isMboxLine(mime: Buffer, field: RawField): boolean {
  return field.start === 0 && field.colon === undefined && mime.toString('latin1', 0, 5) === 'From ';
}

function withoutRanges(mime: Buffer, ranges: readonly RawField[]): Buffer {
  if (ranges.length === 0) return mime;
  const pieces: Buffer[] = [];
  let from = 0;
  for (const range of ranges) {
    if (range.start > from) pieces.push(mime.subarray(from, range.start));
    from = range.end;
  }
  pieces.push(mime.subarray(from));
  return Buffer.concat(pieces);
}

function addressesIn(fields: readonly string[]): Address[] | undefined {
  const addresses: Address[] = [];
  for (const field of fields) {
    const mailboxes = parseMailboxList(field);
    if (!mailboxes.ok || mailboxes.value.length === 0) return undefined;
    addresses.push(...mailboxes.value.map(mailbox => mailbox.address));
  }
  return addresses;
}

function idIn(value: string): string {
  return /<[^<>]{1,900}>/.exec(value)?.[0] ?? value.slice(0, 998);
}
