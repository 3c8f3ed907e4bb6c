import { type HeaderContent, putContentHeader } from './content-header.ts';
import { createHeaderWriter } from './header-writer.ts';
import { createOutput, takeCopy } from './output.ts';
import { bodyStart, headerEnd } from './raw-header.ts';
import { removeFields } from './raw-message.ts';

const REWRITTEN = ['from', 'to', 'cc', 'bcc', 'subject', 'mime-version', 'message-id'];

/**
 * A raw message under a header of the caller's: From, To, Cc, Subject, MIME-Version and what else `content` and `given`
 * have are written anew in front, the raw message's own such fields and its Bcc and Message-ID are dropped, its other
 * fields and its body stay octet for octet. Undefined when no empty line ends its header.
 */
export function rewriteHeader(
  mime: Buffer,
  content: HeaderContent,
  given: { readonly date?: number; readonly messageId?: string } = {},
): Buffer | undefined {
  if (bodyStart(mime, headerEnd(mime)) === undefined) return undefined;
  const dropped = new Set([...REWRITTEN, ...content.headers.map(field => field.name.toLowerCase())]);
  if (content.sender !== undefined) dropped.add('sender');
  if (content.replyTo.length > 0) dropped.add('reply-to');
  if (given.date !== undefined) dropped.add('date');
  const header = createHeaderWriter(createOutput(4096));
  putContentHeader(header, content, given);
  return Buffer.concat([takeCopy(header.out), removeFields(mime, name => dropped.has(name))]);
}
