import type { Mailbox } from '../../core/address.ts';
import { trimBlanks } from '../../core/blanks.ts';
import { AppError } from '../../core/errors.ts';
import { parseMailbox } from '../../core/mailbox.ts';
import { itemsOf, textOf } from './values.ts';

/** The recipients of a list, and the items that are not mailboxes. */
export interface RecipientList {
  readonly mailboxes: readonly Mailbox[];
  readonly bad: readonly string[];
}

/** A longer list exceeds every limit. It is not read to its end. */
const MAX_ITEMS = 100_000;
/** The most characters of an invalid item in an error text. */
const MAX_QUOTED = 1_000;

/** Reads a string, split at every comma also inside quotes, or a list of such strings. It skips empty items and `None`. */
export function readRecipients(value: unknown): RecipientList {
  const mailboxes: Mailbox[] = [];
  const bad: string[] = [];
  for (const item of nonEmptyItems(value)) {
    const mailbox = parseMailbox(item);
    if (mailbox.ok) mailboxes.push(mailbox.value);
    else bad.push(item.slice(0, MAX_QUOTED));
    if (mailboxes.length + bad.length > MAX_ITEMS) {
      throw new AppError('too_many_recipients', `There are more than ${MAX_ITEMS} recipients.`);
    }
  }
  return { mailboxes, bad };
}

function* nonEmptyItems(value: unknown): Generator<string> {
  for (const text of textsOf(value)) {
    for (const piece of piecesOf(text)) {
      const item = trimBlanks(piece);
      // Python clients send `None` for an unset list.
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
