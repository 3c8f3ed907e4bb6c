import { isAscii } from 'node:buffer';
import type { Address } from '../../core/address.ts';
import { createBodyWriter } from '../../mime/body-writer.ts';
import { putPlainField } from '../../mime/content-header.ts';
import { mailDate } from '../../mime/date.ts';
import { putTextField } from '../../mime/header-text.ts';
import {
  beginField,
  createHeaderWriter,
  endLine,
  type HeaderWriter,
  putWord,
} from '../../mime/header-writer.ts';
import { checkLineEnds } from '../../mime/line-ends.ts';
import { putMailboxField } from '../../mime/mailbox-field.ts';
import { createOutput, putAscii, putBytes, takeCopy } from '../../mime/output.ts';
import { putParameter } from '../../mime/parameter.ts';
import { putQuotedPrintable } from '../../mime/quoted-printable.ts';
import { putTextPart } from '../../mime/text-part.ts';
import { putDeliveryStatus } from './delivery-status.ts';
import { FAILURE_TEXT, type FailedRecipient, formatLastReply, toOneLine } from './failed-recipient.ts';

/** The content of a bounce message. */
export interface NoticeFacts {
  /** The header fields From and To. `to` is the sender of the failed message. */
  readonly from: Address;
  readonly to: Address;
  /** The name of the gate's machine, for Reporting-MTA. */
  readonly hostName: string;
  readonly message: {
    /** Letters and digits. */
    readonly id: string;
    readonly subject: string;
    /** With angle brackets. */
    readonly messageIdHeader: string;
    /** Epoch ms. */
    readonly createdAt: number;
  };
  /** The header of the failed message; undefined if it is no longer stored. */
  readonly header: Buffer | undefined;
  /** At least one. */
  readonly failures: readonly FailedRecipient[];
}

/** A raw message can have any text as its Message-ID. An invalid one is not copied into a header field. */
const MESSAGE_ID = /^<[!-;=?-~]{1,900}>$/;

/** Composes a bounce message (RFC 3464), 7-bit except for addresses. The same facts give the same bytes. */
export function composeNotice(facts: NoticeFacts): Buffer {
  const header = createHeaderWriter(createOutput(8 * 1024));
  const { out } = header;
  const boundary = `=_notice_${facts.message.id}`;
  putNoticeHeader(header, facts, boundary);
  putAscii(out, `--${boundary}\r\n`);
  putExplanation(header, facts);
  putAscii(out, `\r\n--${boundary}\r\n`);
  putPlainField(header, 'Content-Type', 'message/delivery-status');
  endLine(header);
  const { hostName, message, failures } = facts;
  putDeliveryStatus(header, { hostName, arrivedAt: message.createdAt }, failures);
  if (facts.header !== undefined) {
    putAscii(out, `\r\n--${boundary}\r\n`);
    putOriginal(header, facts.header);
  }
  putAscii(out, `\r\n--${boundary}--\r\n`);
  return takeCopy(out);
}

function putNoticeHeader(header: HeaderWriter, { from, to, message }: NoticeFacts, boundary: string): void {
  putMailboxField(header, 'From', [{ name: 'Mail Delivery System', address: from }]);
  putMailboxField(header, 'To', [{ address: to }]);
  putTextField(header, 'Subject', toOneLine(`Undelivered: ${message.subject}`));
  if (MESSAGE_ID.test(message.messageIdHeader)) {
    putPlainField(header, 'In-Reply-To', message.messageIdHeader);
    putPlainField(header, 'References', message.messageIdHeader);
  }
  putPlainField(header, 'Auto-Submitted', 'auto-replied'); // RFC 3834 5
  putPlainField(header, 'MIME-Version', '1.0');
  beginField(header, 'Content-Type');
  putWord(header, 'multipart/report');
  putParameter(header, 'report-type', 'delivery-status');
  putParameter(header, 'boundary', boundary);
  endLine(header);
  endLine(header);
}

/** Writes the text part for people. */
function putExplanation(header: HeaderWriter, facts: NoticeFacts): void {
  const { message } = facts;
  const lines = [
    `This is the mail gate at ${facts.hostName}.`,
    '',
    'Your message could not be delivered to:',
    '',
    ...facts.failures.flatMap(formatFailure),
    'The gate will not try again for these recipients.',
    '',
    `Subject:    ${toOneLine(message.subject)}`,
    `Sent:       ${mailDate(message.createdAt)}`,
    `Message-ID: ${toOneLine(message.messageIdHeader)}`,
    '',
  ];
  // Only the token of the frame is used: text that contains it is encoded, so that it cannot end the part.
  const frame = { date: 0, messageId: '', boundaryToken: message.id };
  putTextPart(createBodyWriter(header, createOutput(1024), frame), 'plain', lines.join('\n'));
}

function formatFailure(failure: FailedRecipient): readonly string[] {
  const detail = formatLastReply(failure) ?? failure.reason;
  return [
    `  ${failure.recipient}`,
    `    ${FAILURE_TEXT[failure.state]}${detail === '' ? '.' : `: ${detail}`}`,
    '',
  ];
}

function putOriginal(header: HeaderWriter, original: Buffer): void {
  const { out } = header;
  const isPlain = isAscii(original) && Object.keys(checkLineEnds(original)).length === 0;
  putPlainField(header, 'Content-Type', 'text/rfc822-headers');
  // RFC 6522, section 4: quoted-printable for a header that is not legal 7-bit content.
  if (!isPlain) putPlainField(header, 'Content-Transfer-Encoding', 'quoted-printable');
  endLine(header);
  if (isPlain) putBytes(out, original);
  else {
    const rules = { anyLineEnd: true, limit: Number.POSITIVE_INFINITY };
    putQuotedPrintable(out, original, original.length, rules);
  }
}
