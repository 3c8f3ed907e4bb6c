import PostalMime, { type Email } from 'postal-mime';
import type { Address, Mailbox } from '../../core/address.ts';
import { parseMailboxList } from '../../core/mailbox.ts';
import type { SentItem } from '../../core/submission.ts';
import { decodeWords } from '../../mime/decode-words.ts';
import { headerEnd, rawFields, rawName, rawValue } from '../../mime/raw-header.ts';
import type { TempMailLetter } from '../../operations/temp-mail-operations.ts';

/**
 * Of a MIME message so much is read: decoding it stops all else, and what it says stands before its files. No header is
 * accepted that is longer.
 */
const LONGEST_READ = 256 * 1024;

/** A letter as its sender finds it among the sent ones. */
export function sentItemOf(address: Address, letter: TempMailLetter): SentItem {
  const { fromName, toName, toMail, subject, content, isHtml } = letter;
  const raw = {
    version: 'v2',
    from_name: fromName,
    to_name: toName,
    to_mail: toMail,
    subject,
    content,
    is_html: isHtml,
  };
  return { address, raw: JSON.stringify(raw) };
}

/** The letter in a MIME message: HTML rather than text, without attachments; of a very long one, its beginning. */
export async function letterIn(mime: Buffer, recipients: readonly Address[]): Promise<TempMailLetter> {
  const { html, text, subject } = await read(mime.subarray(0, LONGEST_READ));
  const [from] = mailboxesIn(mime, 'from') ?? [];
  const to = mailboxesIn(mime, 'to') ?? [];
  return {
    fromName: nameOf(from),
    toName: to.length === 1 ? nameOf(to[0]) : '',
    toMail: recipients.join(', '),
    subject: subject ?? '',
    content: html ?? text ?? '',
    isHtml: html !== undefined,
  };
}

/** The mailboxes in all header fields of a name; undefined when one of these cannot be read. */
export function mailboxesIn(mime: Buffer, name: 'from' | 'to'): readonly Mailbox[] | undefined {
  const mailboxes: Mailbox[] = [];
  const head = mime.subarray(0, LONGEST_READ);
  for (const field of rawFields(head, 0, headerEnd(head))) {
    if (rawName(head, field) !== name) continue;
    const list = parseMailboxList(rawValue(head, field));
    if (!list.ok) return undefined;
    mailboxes.push(...list.value);
  }
  return mailboxes;
}

async function read(mime: Buffer): Promise<Partial<Pick<Email, 'html' | 'text' | 'subject'>>> {
  try {
    return await PostalMime.parse(mime, { maxNestingDepth: 50, forceRfc822Attachments: true });
  } catch {
    // It nests deeper than anybody's reader would follow: it is sent as it is, and shown without its content.
    return {};
  }
}

function nameOf(mailbox: Mailbox | undefined): string {
  return decodeWords(mailbox?.name ?? '');
}
