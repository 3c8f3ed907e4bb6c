import type { Content } from '../core/message.ts';
import { mailDate } from './date.ts';
import { putTextField } from './header-text.ts';
import { beginField, endLine, type HeaderWriter, putWord } from './header-writer.ts';
import { putMailboxField } from './mailbox-field.ts';

/** The part of a content that is written into the header. */
export type HeaderContent = Pick<
  Content,
  'from' | 'sender' | 'to' | 'cc' | 'replyTo' | 'subject' | 'headers'
>;

const MESSAGE_ID = /^<[!-;=?-~]{1,900}>$/;
// Fields that the composer writes itself, or that must not be in a message.
const OURS =
  /^(?:from|sender|to|cc|bcc|reply-to|subject|date|message-id|mime-version|content-.*|resent-bcc|return-path)$/i;

/**
 * Writes From to MIME-Version in the usual order, with the caller's fields before MIME-Version. An absent Date or Message-ID
 * is not written. Without To and Cc it writes `undisclosed-recipients`: many filters distrust mail without a To field.
 */
export function putContentHeader(
  header: HeaderWriter,
  content: HeaderContent,
  given: { readonly date?: number; readonly messageId?: string },
): void {
  putMailboxField(header, 'From', [content.from]);
  if (content.sender !== undefined) putMailboxField(header, 'Sender', [content.sender]);
  if (content.to.length + content.cc.length === 0) putPlainField(header, 'To', 'undisclosed-recipients:;');
  putMailboxField(header, 'To', content.to);
  putMailboxField(header, 'Cc', content.cc);
  putMailboxField(header, 'Reply-To', content.replyTo);
  putTextField(header, 'Subject', content.subject);
  if (given.date !== undefined) putPlainField(header, 'Date', mailDate(given.date));
  if (given.messageId !== undefined) putMessageId(header, given.messageId);
  for (const { name, value } of content.headers) {
    if (OURS.test(name)) throw new Error(`The caller cannot set the header field ${name}`);
    putTextField(header, name, value);
  }
  putPlainField(header, 'MIME-Version', '1.0');
}

/** Writes a Message-ID field. The id includes its angle brackets. */
export function putMessageId(header: HeaderWriter, messageId: string): void {
  if (!MESSAGE_ID.test(messageId)) throw new Error(`Invalid Message-ID: ${JSON.stringify(messageId)}`);
  putPlainField(header, 'Message-ID', messageId);
}

/** Writes a field with a value of one word. The value is trusted. */
export function putPlainField(header: HeaderWriter, name: string, value: string): void {
  beginField(header, name);
  putWord(header, value);
  endLine(header);
}
