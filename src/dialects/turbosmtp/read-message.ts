import { domainOf, type Mailbox } from '../../core/address.ts';
import { hasControl } from '../../core/control-characters.ts';
import { AppError } from '../../core/errors.ts';
import { parseMailbox } from '../../core/mailbox.ts';
import type { Attachment } from '../../core/message.ts';
import type { Body, Submission } from '../../core/submission.ts';
import { normaliseLineEnds } from '../../mime/line-ends.ts';
import { isRewritable, rewriteHeader } from '../../mime/rewrite-header.ts';
import { present } from '../present.ts';
import type { ListName, Version } from './api-version.ts';
import { type CustomHeaders, readCustomHeaders } from './custom-headers.ts';
import { readAttachments } from './read-attachments.ts';
import { type RecipientList, readRecipients } from './recipients.ts';
import { type Fields, isAbsent, octetsOf, textOf } from './values.ts';

/** The parsed fields of a message. */
interface Message {
  readonly subject: string;
  readonly from: Mailbox | undefined;
  readonly lists: Readonly<Record<ListName, RecipientList>>;
  readonly replyTo: readonly Mailbox[];
  readonly headers: CustomHeaders;
  readonly mime: Buffer | undefined;
  readonly attachments: readonly Attachment[];
  readonly text: string | undefined;
  readonly html: string | undefined;
  readonly metadata: Readonly<Record<string, string>> | undefined;
}

const MAX_SUBJECT = 700;
const MAX_REFERENCE = 1_000;
const NO_HEADERS: CustomHeaders = { fields: [], replyTo: [], ignored: [] };

/** Converts the fields of a request to a submission. Throws `invalid` with all problems. */
export function toSubmission(version: Version, fields: Fields): Submission {
  const errors: string[] = [];
  const message = readMessage(version, fields, errors);
  const { from, lists, headers, metadata } = message;
  if (from === undefined || errors.length > 0) throw invalidMessage(errors);
  const recipients = [...lists.to.mailboxes, ...lists.cc.mailboxes, ...lists.bcc.mailboxes];
  return {
    dialect: 'turbosmtp',
    envelope: {
      sender: from.address,
      recipients: [...new Set(recipients.map(mailbox => mailbox.address))],
    },
    body: toBody(message, from),
    maxBytes: version.maxBytes,
    ...present({ metadata }),
    ...(headers.ignored.length > 0 && { notes: { ignoredHeaders: headers.ignored } }),
  };
}

/** Adds problems to `errors`. The order of the calls is the order of the errors, which this API fixes. */
function readMessage(version: Version, fields: Fields, errors: string[]): Message {
  const subject = readSubject(fields, errors);
  const from = readFrom(fields, errors);
  const lists = readLists(version, fields, errors);
  const replyTo = readReplyTo(fields, errors);
  const headers = readHeaders(fields, errors);
  const mime = readMime(fields, errors);
  const attachments = readFiles(fields, from, mime !== undefined, errors);
  const html = fieldOf(fields, 'html_content', 'content_html');
  return {
    subject,
    from,
    lists,
    replyTo: replyTo === undefined ? headers.replyTo : [replyTo],
    headers,
    mime,
    attachments,
    text: mime === undefined ? readBodyText(fields['content'], 'content', errors) : undefined,
    html: mime === undefined ? readBodyText(html, 'html_content', errors) : undefined,
    metadata: version.hasReferences ? readReferences(fields, errors) : undefined,
  };
}

function readSubject(fields: Fields, errors: string[]): string {
  const subject = textOf(fields['subject']);
  // A code point has at most two UTF-16 units, so a text of more than twice the limit need not be counted.
  const isTooLong =
    subject !== undefined && (subject.length > 2 * MAX_SUBJECT || [...subject].length > MAX_SUBJECT);
  if (isTooLong) errors.push(`subject too long (max ${MAX_SUBJECT} chars )`);
  if (subject === undefined || /[\r\n\0]/.test(subject)) errors.push('subject not valid');
  return subject ?? '';
}

function readFrom(fields: Fields, errors: string[]): Mailbox | undefined {
  const mailbox = parseMailbox(textOf(fields['from']) ?? '');
  if (mailbox.ok) return mailbox.value;
  errors.push('missing or not valid sender email (from)');
  return undefined;
}

function readLists(version: Version, fields: Fields, errors: string[]): Message['lists'] {
  const lists = {
    to: readRecipients(fields['to']),
    cc: readRecipients(fields['cc']),
    bcc: readRecipients(fields['bcc']),
  };
  if (lists.to.mailboxes.length + lists.to.bad.length === 0) errors.push('missing recipients (to)');
  for (const name of version.lists) {
    for (const item of lists[name].bad) errors.push(version.addressErrors[name](item));
  }
  return lists;
}

/** Does not split at commas: `Acme, Inc. <a@b.c>` is one mailbox. */
function readReplyTo(fields: Fields, errors: string[]): Mailbox | undefined {
  const text = textOf(fields['reply_to']);
  if (text === '') return undefined;
  const mailbox = text === undefined ? undefined : parseMailbox(text);
  if (mailbox?.ok) return mailbox.value;
  errors.push('reply_to email not valid');
  return undefined;
}

function readHeaders(fields: Fields, errors: string[]): CustomHeaders {
  const headers = readCustomHeaders(fields['custom_headers']);
  if (headers === undefined) errors.push('headers not valid');
  return headers ?? NO_HEADERS;
}

/** Reads the client's own MIME message, with CRLF line ends. Undefined if it is absent or invalid. */
function readMime(fields: Fields, errors: string[]): Buffer | undefined {
  const value = fieldOf(fields, 'mime_raw', 'mime');
  if (isAbsent(value)) return undefined;
  const octets = octetsOf(value);
  const mime = octets === undefined ? undefined : normaliseLineEnds(octets);
  if (mime !== undefined && !mime.includes(0) && isRewritable(mime)) return mime;
  errors.push('Invalid Mime');
  return undefined;
}

function readFiles(
  fields: Fields,
  from: Mailbox | undefined,
  hasMime: boolean,
  errors: string[],
): readonly Attachment[] {
  const domain = from === undefined ? 'localhost' : domainOf(from.address);
  const attachments = readAttachments(fields['attachments'], domain);
  // A complete MIME message cannot take another file, and the file must not be lost.
  if (attachments === undefined || (hasMime && attachments.length > 0)) errors.push('attachments not valid');
  return attachments ?? [];
}

function readBodyText(value: unknown, name: string, errors: string[]): string | undefined {
  const text = textOf(value);
  if (text === undefined || text.includes('\0')) errors.push(`${name} not valid`);
  return text === '' ? undefined : text;
}

function readReferences(fields: Fields, errors: string[]): Message['metadata'] {
  const campaign = Object.keys(fields).find(name => name.toLowerCase() === 'x-campaign-id');
  const references = [
    ['referenceId', 'reference_id'],
    ['campaignId', campaign ?? 'X-campaign-ID'],
  ] as const;
  const found: Record<string, string> = {};
  for (const [name, field] of references) {
    const text = textOf(fields[field]);
    if (text === undefined || hasControl(text) || text.length > MAX_REFERENCE) {
      errors.push(`${field} not valid`);
    } else if (text !== '') found[name] = text;
  }
  return Object.keys(found).length === 0 ? undefined : found;
}

function toBody({ subject, lists, replyTo, headers, mime, ...parts }: Message, from: Mailbox): Body {
  const header = {
    from,
    to: lists.to.mailboxes,
    cc: lists.cc.mailboxes,
    replyTo,
    subject,
    headers: headers.fields,
  };
  const ids = present({ date: headers.date, messageId: headers.messageId });
  if (mime !== undefined) return { kind: 'raw', mime: rewriteHeader(mime, header, ids) };
  const { text, html, attachments } = parts;
  return { kind: 'content', content: { ...header, ...present({ text, html }), attachments }, ...ids };
}

function fieldOf(fields: Fields, name: string, alias: string): unknown {
  return isAbsent(fields[name]) ? fields[alias] : fields[name];
}

/** The errors of this API are complete texts, so they have no field. */
function invalidMessage(errors: readonly string[]): AppError {
  return new AppError('invalid', errors.join('; '), {
    problems: errors.map(message => ({ field: '', message })),
  });
}
