import { type Address, needsSmtputf8 } from '../../core/address.ts';
import { putPlainField } from '../../mime/content-header.ts';
import { mailDate } from '../../mime/date.ts';
import { putTextField } from '../../mime/header-text.ts';
import { beginField, endLine, type HeaderWriter, putMark, putWord } from '../../mime/header-writer.ts';
import { type FailedRecipient, formatLastReply, statusOf } from './failed-recipient.ts';

/** Writes the body of a message/delivery-status part, which programs read (RFC 3464, section 2). */
export function putDeliveryStatus(
  header: HeaderWriter,
  facts: { readonly hostName: string; readonly arrivedAt: number },
  failures: readonly FailedRecipient[],
): void {
  putTyped(header, 'Reporting-MTA', 'dns', facts.hostName);
  putPlainField(header, 'Arrival-Date', mailDate(facts.arrivedAt));
  for (const failure of failures) {
    endLine(header);
    putRecipient(header, failure);
  }
}

function putRecipient(header: HeaderWriter, failure: FailedRecipient): void {
  const { recipient } = failure;
  if (needsSmtputf8(recipient)) putTyped(header, 'Final-Recipient', 'utf-8', xtext(recipient));
  else putTyped(header, 'Final-Recipient', 'rfc822', recipient);
  putPlainField(header, 'Action', 'failed');
  putPlainField(header, 'Status', statusOf(failure));
  putDiagnostic(header, failure);
  putPlainField(header, 'Last-Attempt-Date', mailDate(failure.at));
}

/** RFC 3464, section 2.3.6: type `smtp` is for SMTP replies. Reasons of the gate itself have the type `x-postern`. */
function putDiagnostic(header: HeaderWriter, failure: FailedRecipient): void {
  const reply = formatLastReply(failure);
  if (reply !== undefined) putTextField(header, 'Diagnostic-Code', `smtp; ${reply}`);
  else if (failure.reason !== '') putTextField(header, 'Diagnostic-Code', `x-postern; ${failure.reason}`);
}

/** `Name: type; value` */
function putTyped(header: HeaderWriter, name: string, type: string, value: string): void {
  beginField(header, name);
  putWord(header, type);
  putMark(header, ';');
  putWord(header, value);
  endLine(header);
}

/** Encodes an address in ASCII (utf-8-addr-xtext, RFC 6533, section 3). */
function xtext(address: Address): string {
  return address.replace(/[^!-*,-<>-[\]-~]/gu, char => {
    const hex = (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(2, '0');
    return `\\x{${hex}}`;
  });
}
