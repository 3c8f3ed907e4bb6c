import type { Mailbox } from '../../core/address.ts';
import { trimBlanks } from '../../core/blanks.ts';
import { AppError } from '../../core/errors.ts';
import { parseMailbox } from '../../core/mailbox.ts';
import { itemsOf, textOf } from './values.ts';

/** A list of recipients as it was sent: those that are mailboxes, and the items that are none. */
export interface RecipientList {
  readonly mailboxes: readonly Mailbox[];
  readonly bad: readonly string[];
}

/** Longer lists are far beyond every limit, and are not read to their end. */
const MAX_ITEMS = 100_000;
/** Of an item that is no address, at most so much is said back. */
const SHOWN_LENGTH = 1_000;

/** Reads a list: a text split at every comma, quoted or not, or a list of such texts; empty items and `None` are skipped. */
export function readRecipients(value: unknown): RecipientList {
  const mailboxes: Mailbox[] = [];
  const bad: string[] = [];
  for (const item of namedItems(value)) {
    const mailbox = parseMailbox(item);
    if (mailbox.ok) mailboxes.push(mailbox.value);
    else bad.push(item.slice(0, SHOWN_LENGTH));
    if (mailboxes.length + bad.length > MAX_ITEMS) {
      throw new AppError('too_many_recipients', `There are more than ${MAX_ITEMS} recipients.`);
    }
  }
  return { mailboxes, bad };
}

function* namedItems(value: unknown): Generator<string> {
  for (const text of textsOf(value)) {
    for (const piece of piecesOf(text)) {
      const item = trimBlanks(piece);
      // What Python makes of an empty list that was never set.
      if (item !== '' && item !== 'None') yield item;
    }
  }
}

function textsOf(value: unknown): readonly string[] {
  const text = textOf(value);
  if (text !== undefined) return [text];
  return (itemsOf(value) ?? []).map(item => textOf(item) ?? JSON.stringify(item));
}

function* piecesOf(text: string): Generator<string> {
  for (let start = 0; start <= text.length; ) {
    const comma = text.indexOf(',', start);
    const end = comma === -1 ? text.length : comma;
    yield text.slice(start, end);
    start = end + 1;
  }
}
