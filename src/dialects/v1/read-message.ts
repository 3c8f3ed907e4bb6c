import type { Static } from 'typebox';
import type { Mailbox } from '../../core/address.ts';
import { hasControl } from '../../core/control-characters.ts';
import type { Submission } from '../../core/submission.ts';
import { present } from '../present.ts';
import { readHeaders } from './headers.ts';
import { isObject, withoutAbsent } from './json-body.ts';
import { readMailbox, readMailboxes } from './mailboxes.ts';
import { collectProblems, type Problems } from './problems.ts';
import { readAttachments } from './read-attachments.ts';
import { MESSAGE_SHAPE } from './schema.ts';
import { compileShape } from './shape.ts';
import { readTime } from './time.ts';

type Fields = Static<typeof MESSAGE_SHAPE>;
type Content = Extract<Submission['body'], { kind: 'content' }>['content'];

interface Mailboxes {
  readonly from: Mailbox | undefined;
  readonly to: readonly Mailbox[];
  readonly cc: readonly Mailbox[];
  readonly bcc: readonly Mailbox[];
  readonly replyTo: readonly Mailbox[];
}

const SHAPE = compileShape(MESSAGE_SHAPE);
const OPTIONAL_IN_ATTACHMENT = ['filename', 'contentType', 'cid', 'encoding'];

/** Makes a submission of a message in JSON; throws `invalid` with everything that is wrong with it. */
export function toSubmission(json: unknown, keyHeader: string | undefined): Submission {
  const problems = collectProblems();
  const fields = soundFields(json, problems);
  const mailboxes = readMailboxFields(fields, problems);
  const content = readContent(fields, mailboxes, problems);
  const options = readOptions(fields, keyHeader, problems);
  problems.throwIfAny();
  const { from, to, cc, bcc } = mailboxes;
  const recipients = [...new Set([...to, ...cc, ...bcc].map(mailbox => mailbox.address))];
  return {
    dialect: 'v1',
    envelope: { sender: from?.address ?? '', recipients },
    body: { kind: 'content', content },
    ...options,
  };
}

/** The fields that have their shape; the others are reported, so that the rest can still be looked at. */
function soundFields(json: unknown, problems: Problems): Fields {
  const value = withoutAbsentFields(json);
  if (SHAPE.isMet(value)) return value;
  const found = SHAPE.problemsOf(value);
  problems.addAll(found);
  if (!isObject(value)) problems.throwIfAny();
  const bad = new Set(found.map(({ field }) => /^[^.[]*/.exec(field)?.[0]));
  // Every field is optional, so what is left when the bad ones are taken away has the shape.
  return Object.fromEntries(Object.entries(value as object).filter(([name]) => !bad.has(name))) as Fields;
}

function withoutAbsentFields(json: unknown): unknown {
  const value = withoutAbsent(json);
  if (!isObject(value)) return value;
  const { attachments, metadata } = value;
  if (attachments === undefined && !Array.isArray(metadata)) return value;
  return {
    ...value,
    ...(Array.isArray(attachments) && {
      attachments: attachments.map(attachment => withoutAbsent(attachment, OPTIONAL_IN_ATTACHMENT)),
    }),
    // What PHP makes of an empty object.
    ...(Array.isArray(metadata) && metadata.length === 0 && { metadata: {} }),
  };
}

function readMailboxFields(fields: Fields, problems: Problems): Mailboxes {
  const to = readMailboxes(fields.to, 'to', problems);
  const cc = readMailboxes(fields.cc, 'cc', problems);
  const bcc = readMailboxes(fields.bcc, 'bcc', problems);
  if ([fields.to, fields.cc, fields.bcc].every(isEmpty)) {
    problems.add('to', 'is missing: at least one recipient is needed in to, cc and bcc together');
  }
  const replyTo = readMailboxes(fields.replyTo, 'replyTo', problems);
  return { from: readMailbox(fields.from, 'from', problems), to, cc, bcc, replyTo };
}

function isEmpty(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}

function readContent(fields: Fields, { from, to, cc, replyTo }: Mailboxes, problems: Problems): Content {
  const { subject = '', text, html } = fields;
  if (/[\r\n\0]/.test(subject)) problems.add('subject', 'must not hold line breaks or NUL');
  if (text?.includes('\0')) problems.add('text', 'must not hold NUL');
  if (html?.includes('\0')) problems.add('html', 'must not hold NUL');
  return {
    ...present({ from, text, html }),
    to,
    cc,
    replyTo,
    subject,
    attachments: readAttachments(fields.attachments ?? [], problems),
    headers: readHeaders(fields.headers, problems),
  };
}

type Options = Pick<Submission, 'tags' | 'metadata' | 'priority' | 'sendAt' | 'expiresAt' | 'idempotencyKey'>;

function readOptions(fields: Fields, keyHeader: string | undefined, problems: Problems): Options {
  const { tags, metadata, priority, sendAt, expiresAt } = fields;
  if (tags?.some(hasControl)) problems.add('tags', 'must not hold control characters');
  if (metadata !== undefined && !isPlainMetadata(metadata)) {
    problems.add(
      'metadata',
      'names must have 1 to 100 characters, and neither they nor the values may hold NUL',
    );
  }
  return present({
    tags,
    metadata,
    priority,
    sendAt: sendAt === undefined ? undefined : readTime(sendAt, 'sendAt', problems),
    expiresAt: expiresAt === undefined ? undefined : readTime(expiresAt, 'expiresAt', problems),
    idempotencyKey: readKey(fields.idempotencyKey, keyHeader, problems),
  });
}

function isPlainMetadata(metadata: Readonly<Record<string, string>>): boolean {
  return Object.entries(metadata).every(
    ([name, value]) => name !== '' && name.length <= 100 && !name.includes('\0') && !value.includes('\0'),
  );
}

/** The key of a message: in its body, in the header field, or the same in both. */
export function readKey(
  field: string | undefined,
  header: string | undefined,
  problems: Problems,
): string | undefined {
  if (header === undefined || header === '') return field;
  if (header.length > 255) problems.add('Idempotency-Key', 'must not have more than 255 characters');
  if (field !== undefined && field !== header)
    problems.add('idempotencyKey', 'is not the one in the header field');
  return header;
}
