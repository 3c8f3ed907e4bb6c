import { type Address, MAX_ADDRESS_OCTETS, type Mailbox, parseAddress } from './address.ts';
import { trimBlanks } from './blanks.ts';
import { hasControl } from './control-characters.ts';
import { accept, type Parsed, refuse } from './parsed.ts';

/** Maximum UTF-16 units of a display name. */
export const MAX_NAME_LENGTH = 256;
// Name and address with a backslash before each character, and the punctuation around them.
const MAX_MAILBOX_LENGTH = 2 * (MAX_NAME_LENGTH + MAX_ADDRESS_OCTETS) + 16;

const QUOTED_STRINGS = /"((?:[^"\\]|\\.)*)"/gs;

/**
 * Parses exactly one mailbox: `addr`, `Name <addr>`, `"Name" <addr>` or the obsolete `addr (Name)`. A comma in the name
 * needs no quotes (`Acme, Inc. <a@b.c>`). Encoded words (RFC 2047) in the name are not decoded.
 */
export function parseMailbox(text: string): Parsed<Mailbox> {
  const whole = trimBlanks(text);
  if (whole.length > MAX_MAILBOX_LENGTH) return refuse('the mailbox is too long');
  if (whole.endsWith('>')) return parseNameBefore(whole);
  if (whole.endsWith(')')) return parseNameAfter(whole);
  return mailboxOf(undefined, whole);
}

/**
 * Parses mailboxes that are separated by commas. Commas in quotes, comments and angle brackets do not separate. Empty
 * items are skipped, so the list can be empty. The first invalid item refuses the list, and the reason names it.
 */
export function parseMailboxList(text: string): Parsed<Mailbox[]> {
  const mailboxes: Mailbox[] = [];
  for (const item of itemsOf(text)) {
    const mailbox = parseMailbox(item);
    if (!mailbox.ok) return refuse(`item ${mailboxes.length + 1}, ${excerpt(item)}: ${mailbox.reason}`);
    mailboxes.push(mailbox.value);
  }
  return accept(mailboxes);
}

/** Creates a mailbox from a name and an address. The name is plain text. A blank name counts as no name. */
export function mailboxOf(name: string | undefined, address: string): Parsed<Mailbox> {
  const parsed = parseAddress(trimBlanks(address));
  if (!parsed.ok) return parsed;
  return withName(name === undefined ? '' : trimBlanks(name), parsed.value);
}

function withName(name: string, address: Address): Parsed<Mailbox> {
  if (name === '') return accept({ address });
  if (name.length > MAX_NAME_LENGTH) return refuse(`the name is longer than ${MAX_NAME_LENGTH} characters`);
  if (hasControl(name)) return refuse('the name contains a control character');
  return accept({ name, address });
}

function parseNameBefore(text: string): Parsed<Mailbox> {
  const start = indexOutsideQuotes(text, '<');
  if (start === -1) return refuse('a quote is not closed, or there is no < for the >');
  const name = readPhrase(text.slice(0, start));
  return name.ok ? mailboxOf(name.value, text.slice(start + 1, -1)) : name;
}

// RFC 5322 3.4 note: old mail has the name in a comment after the address, and cron still writes it so.
function parseNameAfter(text: string): Parsed<Mailbox> {
  const start = indexOutsideQuotes(text, '(');
  if (start === -1) return refuse('a quote is not closed, or there is no ( for the )');
  return mailboxOf(unescaped(text.slice(start + 1, -1)), text.slice(0, start));
}

// RFC 5322 3.2.5 phrase, as people type it: text outside quotes is used unchanged.
function readPhrase(text: string): Parsed<string> {
  const bare = text.replace(QUOTED_STRINGS, '');
  if (bare.includes('"')) return refuse('a quote in the name is not closed');
  // The text is one mailbox. If the caller wrote two, an error is better than one address that is lost in a name.
  const at = bare.indexOf('@');
  if (at !== -1 && bare.includes(',', at))
    return refuse('the name looks like another address; quote it if it is a name');
  return accept(text.replace(QUOTED_STRINGS, (_, content: string) => unescaped(content)));
}

function* itemsOf(list: string): Generator<string> {
  let start = 0;
  while (start < list.length) {
    const end = endOfItem(list, start);
    const item = trimBlanks(list.slice(start, end));
    if (item !== '') yield item;
    start = end + 1;
  }
}

function endOfItem(text: string, start: number): number {
  let i = start;
  while (i < text.length && text[i] !== ',') {
    if (text[i] === '"') i = endOfQuotes(text, i);
    else if (text[i] === '(') i = endOfComment(text, i);
    else if (text[i] === '<') i = endOfAngle(text, i);
    else i++;
  }
  return i;
}

function indexOutsideQuotes(text: string, wanted: '<' | '('): number {
  for (let i = 0; i < text.length; ) {
    if (text[i] === wanted) return i;
    i = text[i] === '"' ? endOfQuotes(text, i) : i + 1;
  }
  return -1;
}

// These functions return the index after the closing character, or the end of the text if that character is missing.
function endOfQuotes(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return Math.min(i + 1, text.length);
}

function endOfComment(text: string, start: number): number {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '(') depth++;
    else if (text[i] === ')' && --depth === 0) return i + 1;
  }
  return text.length;
}

function endOfAngle(text: string, start: number): number {
  const end = text.indexOf('>', start);
  return end === -1 ? text.length : end + 1;
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, '$1');
}

function excerpt(item: string): string {
  const start = item.length > 80 ? `${item.slice(0, 80)}…` : item;
  return JSON.stringify(start).replace(/[\x7f-\x9f\u2028\u2029]/g, '?');
}
