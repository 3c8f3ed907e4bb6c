import PostalMime, { type Email } from 'postal-mime';
import type { Address, Mailbox } from '../../core/address.ts';
import { parseMailboxList } from '../../core/mailbox.ts';
import type { SentItem } from '../../core/submission.ts';
import { decodeWords } from '../../mime/decode-words.ts';
import { headerEnd, rawFields, rawName, rawValue } from '../../mime/raw-header.ts';
import type { TempMailMessage } from '../../operations/temp-mail-operations.ts';

/**
 * In bytes. Only this much of a MIME message is parsed, because parsing blocks the event loop. The text usually comes
 * before the attachments. `submit` refuses a longer header.
 */
const MAX_PARSED = 256 * 1024;

/** Formats a message as the API lists it among the sent items. */
export function toSentItem(address: Address, message: TempMailMessage): SentItem {
  const { fromName, toName, toMail, subject, content, isHtml } = message;
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

/** Reads the fields of a MIME message: HTML if there is any, or else text, without attachments. */
export async function readSentMessage(
  mime: Buffer,
  recipients: readonly Address[],
): Promise<TempMailMessage> {
  const { html, text, subject } = await read(mime.subarray(0, MAX_PARSED));
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

/** The mailboxes in all header fields with this name; undefined if one of them cannot be parsed. */
export function mailboxesIn(mime: Buffer, name: 'from' | 'to'): readonly Mailbox[] | undefined {
  const mailboxes: Mailbox[] = [];
  const head = mime.subarray(0, MAX_PARSED);
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
    // The parts are nested too deeply. The message is sent unchanged, and listed without its content.
    return {};
  }
}

function nameOf(mailbox: Mailbox | undefined): string {
  return decodeWords(mailbox?.name ?? '');
}
