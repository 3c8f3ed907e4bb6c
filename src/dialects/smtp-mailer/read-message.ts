import type { Mailbox } from '../../core/address.ts';
import { AppError, type Problem } from '../../core/errors.ts';
import { isSubjectTooLong, MAX_SUBJECT_LENGTH } from '../../core/header-names.ts';
import { parseMailbox, parseMailboxList } from '../../core/mailbox.ts';
import type { Content, Envelope } from '../../core/message.ts';
import type { Parsed } from '../../core/parsed.ts';
import { isTooDeep, MAX_JSON_DEPTH } from '../json-depth.ts';
import { invalidFields } from './problems.ts';

/** A message to send, with its recipients. */
export interface Message {
  readonly envelope: Envelope;
  readonly content: Content;
}

const FIELDS = ['from', 'to', 'cc', 'bcc', 'replyTo', 'subject', 'text', 'html'] as const;
type Field = (typeof FIELDS)[number];
type Fields = { readonly [K in Field]?: unknown };

/** Reads the body. Throws `malformed`, or `invalid` with all problems. */
export function readMessage(body: Buffer): Message {
  const problems: Problem[] = [];
  const fields = readFields(parseJson(body), problems);
  const from = readFrom(fields.from, problems);
  const to = readMailboxes(fields.to, 'to', problems);
  const cc = readMailboxes(fields.cc, 'cc', problems);
  const bcc = readMailboxes(fields.bcc, 'bcc', problems);
  const replyTo = readMailboxes(fields.replyTo, 'replyTo', problems);
  const recipients = [...new Set([...to, ...cc, ...bcc].map(({ address }) => address))];
  if (recipients.length === 0 && !problems.some(({ field }) => /^(to|cc|bcc)\b/.test(field))) {
    problems.push({ field: 'to', message: 'is missing: at least one recipient is required' });
  }
  const subject = readSubject(fields.subject, problems);
  const text = readText(fields.text, 'text', /\0/, problems);
  const html = readText(fields.html, 'html', /\0/, problems);
  if (from === undefined || problems.length > 0) throw invalidFields(problems);
  const parts = { ...(text !== undefined && { text }), ...(html !== undefined && { html }) };
  return {
    envelope: { sender: from.address, recipients },
    content: { from, to, cc, replyTo, subject: subject ?? '', ...parts, attachments: [], headers: [] },
  };
}

/** Parses the body as JSON. The Content-Type is ignored. */
function parseJson(body: Buffer): unknown {
  const text = body.toString('utf8');
  if (isTooDeep(text)) {
    throw new AppError('malformed', `The body nests deeper than ${MAX_JSON_DEPTH} levels.`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError(
      'malformed',
      'The body is not JSON; it must be an object with from, to, subject, text.',
    );
  }
}

/** Returns the fields that are not null or ''. An unknown field with a value is a problem, because it would be lost. */
function readFields(json: unknown, problems: Problem[]): Fields {
  if (typeof json !== 'object' || json === null || (Array.isArray(json) && json.length > 0)) {
    throw new AppError('malformed', 'The body must be a JSON object with from, to, subject, text.');
  }
  const present = Object.entries(json).filter(([, value]) => value !== null && value !== '');
  for (const [name, value] of present) {
    if (!FIELDS.some(field => field === name) && !isEmpty(value))
      problems.push({ field: name, message: 'is not a field of this API' });
  }
  return Object.fromEntries(present.filter(([name]) => FIELDS.some(field => field === name)));
}

/** Returns true for `[]` and `{}`. */
function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function readFrom(value: unknown, problems: Problem[]): Mailbox | undefined {
  if (value === undefined) problems.push({ field: 'from', message: 'is missing' });
  else if (typeof value !== 'string') problems.push({ field: 'from', message: 'must be a string' });
  else return valueOrProblem(parseMailbox(value), 'from', problems);
  return undefined;
}

/** Reads a string, which may be a comma list, or an array of such strings. */
function readMailboxes(value: unknown, field: string, problems: Problem[]): readonly Mailbox[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => readList(item, `${field}[${index}]`, problems));
  }
  return readList(value, field, problems);
}

function readList(value: unknown, field: string, problems: Problem[]): readonly Mailbox[] {
  if (typeof value === 'string') return valueOrProblem(parseMailboxList(value), field, problems) ?? [];
  problems.push({ field, message: 'must be a string such as a@b.example or Name <a@b.example>' });
  return [];
}

function valueOrProblem<T>(parsed: Parsed<T>, field: string, problems: Problem[]): T | undefined {
  if (parsed.ok) return parsed.value;
  problems.push({ field, message: `is invalid: ${parsed.reason}` });
  return undefined;
}

function readSubject(value: unknown, problems: Problem[]): string | undefined {
  const subject = readText(value, 'subject', /[\r\n\0]/, problems);
  if (subject === undefined || !isSubjectTooLong(subject)) return subject;
  problems.push({ field: 'subject', message: `is longer than ${MAX_SUBJECT_LENGTH} characters` });
  return undefined;
}

function readText(value: unknown, field: string, forbidden: RegExp, problems: Problem[]): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string') problems.push({ field, message: 'must be a string' });
  else if (!forbidden.test(value)) return value;
  else
    problems.push({ field, message: field === 'subject' ? 'contains a line break or NUL' : 'contains NUL' });
  return undefined;
}
