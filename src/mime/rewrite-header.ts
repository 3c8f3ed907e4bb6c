import { type HeaderContent, putContentHeader } from './content-header.ts';
import { createHeaderWriter } from './header-writer.ts';
import { createOutput, takeCopy } from './output.ts';
import { bodyStart, headerEnd, rawFields } from './raw-header.ts';
import { removeFields } from './raw-message.ts';

const REWRITTEN = ['from', 'to', 'cc', 'bcc', 'subject', 'mime-version', 'message-id'];

/** Returns true if a raw message with CRLF line ends has a header of valid fields only, which ends with an empty line. */
export function isRewritable(mime: Buffer): boolean {
  const end = headerEnd(mime);
  if (bodyStart(mime, end) === undefined) return false;
  for (const field of rawFields(mime, 0, end)) if (field.colon === undefined) return false;
  return true;
}

/**
 * Replaces header fields of a rewritable raw message. It writes From, To, Cc, Subject, MIME-Version and the other fields of
 * `content` and `given` in front. It removes the old fields of these names, and Bcc and Message-ID. The other fields and the
 * body stay the same, octet by octet.
 */
export function rewriteHeader(
  mime: Buffer,
  content: HeaderContent,
  given: { readonly date?: number; readonly messageId?: string } = {},
): Buffer {
  if (!isRewritable(mime))
    throw new Error('The header of the message cannot be rewritten: it has no end, or an invalid line');
  const dropped = new Set([...REWRITTEN, ...content.headers.map(field => field.name.toLowerCase())]);
  if (content.sender !== undefined) dropped.add('sender');
  if (content.replyTo.length > 0) dropped.add('reply-to');
  if (given.date !== undefined) dropped.add('date');
  const header = createHeaderWriter(createOutput(4096));
  putContentHeader(header, content, given);
  return Buffer.concat([takeCopy(header.out), removeFields(mime, name => dropped.has(name))]);
}
