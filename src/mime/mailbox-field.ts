import type { Mailbox } from '../core/address.ts';
import { trimBlanks } from '../core/blanks.ts';
import { putEncodedWords } from './encoded-word.ts';
import { beginField, endLine, type HeaderWriter, putMark, putUtf8Word, putWord } from './header-writer.ts';

const ATOMS = /^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+(?: [A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+)*$/;
const PRINTABLE = /^[ -~]*$/;
// Longer words go into encoded-words, which can be folded anywhere.
const LONGEST_PLAIN_WORD = 70;

/** Writes an address field. Writes nothing if there are no mailboxes. */
export function putMailboxField(header: HeaderWriter, name: string, mailboxes: readonly Mailbox[]): void {
  if (mailboxes.length === 0) return;
  beginField(header, name);
  mailboxes.forEach((mailbox, index) => {
    if (index > 0) putMark(header, ',');
    putMailbox(header, mailbox);
  });
  endLine(header);
}

function putMailbox(header: HeaderWriter, mailbox: Mailbox): void {
  const name = trimBlanks(mailbox.name ?? '');
  if (name !== '') putPhrase(header, name);
  putUtf8Word(header, name === '' ? mailbox.address : `<${mailbox.address}>`);
}

/** Writes a display name in the simplest form: atoms, a quoted string, or encoded-words (RFC 5322 3.2.5, RFC 2047 5). */
function putPhrase(header: HeaderWriter, name: string): void {
  const quoted = `"${name.replace(/["\\]/g, '\\$&')}"`;
  const isPlain = PRINTABLE.test(name) && !name.includes('=?');
  if (isPlain && ATOMS.test(name) && name.split(' ').every(word => word.length <= LONGEST_PLAIN_WORD)) {
    for (const word of name.split(' ')) putWord(header, word);
  } else if (isPlain && quoted.length <= LONGEST_PLAIN_WORD) {
    putWord(header, quoted);
  } else {
    putEncodedWords(header, name);
  }
}
