import { type HeaderContent, putContentHeader } from './content-header.ts';
import { createHeaderWriter } from './header-writer.ts';
import { createOutput, takeCopy } from './output.ts';
import { bodyStart, headerEnd, rawFields } from './raw-header.ts';
import { removeFields } from './raw-message.ts';

const REWRITTEN = ['from', 'to', 'cc', 'bcc', 'subject', 'mime-version', 'message-id'];

/** Whether a raw message, its line ends CRLF, has the empty line that ends a header, and before it nothing but fields. */
export function isRewritable(mime: Buffer): boolean {
  const end = headerEnd(mime);
  if (bodyStart(mime, end) === undefined) return false;
  for (const field of rawFields(mime, 0, end)) if (field.colon === undefined) return false;
  return true;
}

/**
 * A raw message that is rewritable under a header of the caller's: From, To, Cc, Subject, MIME-Version and what else
 * `content` and `given` have are written anew in front, the raw message's own such fields and its Bcc and Message-ID are
 * dropped, its other fields and its body stay octet for octet.
 */
export function rewriteHeader(
  mime: Buffer,
  content: HeaderContent,
  given: { readonly date?: number; readonly messageId?: string } = {},
): Buffer {
  if (!isRewritable(mime)) throw new Error('A message without a header of its own cannot have it rewritten');
  const dropped = new Set([...REWRITTEN, ...content.headers.map(field => field.name.toLowerCase())]);
  if (content.sender !== undefined) dropped.add('sender');
  if (content.replyTo.length > 0) dropped.add('reply-to');
  if (given.date !== undefined) dropped.add('date');
  const header = createHeaderWriter(createOutput(4096));
  putContentHeader(header, content, given);
  return Buffer.concat([takeCopy(header.out), removeFields(mime, name => dropped.has(name))]);
}
