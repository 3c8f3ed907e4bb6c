import { TempMailError } from '../../core/temp-mail-refusal.ts';
import type { ListRange, TempMailMessage } from '../../operations/temp-mail-operations.ts';
import type { DialectRequest } from '../dialect.ts';
import { isTooDeep } from '../json-depth.ts';

/** A JSON object, nothing of it checked. */
export type Fields = Readonly<Record<string, unknown>>;

const MAX_LIMIT = 100;

/** The JSON object that a body is, whatever its Content-Type says. */
export function fieldsOf({ body }: Pick<DialectRequest, 'body'>): Fields {
  const value = parse(body.toString('utf8'));
  // PHP writes an empty object so.
  if (Array.isArray(value) && value.length === 0) return {};
  if (!isFields(value)) throw new TempMailError('input');
  return value;
}

/** Whether a value is a JSON object. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Null and '' are as good as nothing. */
export function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

/** A text; '' when it is absent. */
export function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (isAbsent(value)) return '';
  if (typeof value !== 'string') throw new TempMailError('input');
  return value;
}

/** The letter in a body; a recipient that is no text is as none. */
export function letterOf(fields: Fields): TempMailMessage {
  const toMail = fields['to_mail'];
  return {
    fromName: text(fields, 'from_name'),
    toName: text(fields, 'to_name'),
    toMail: typeof toMail === 'string' ? toMail : '',
    subject: text(fields, 'subject'),
    content: text(fields, 'content'),
    // Truthiness, as the original has it: "false" is HTML too.
    isHtml: Boolean(fields['is_html']),
  };
}

/** The part of a list that is asked for; what is not given is as `byDefault` has it. */
export function windowOf({ query }: DialectRequest, byDefault: Partial<ListRange> = {}): ListRange {
  const limit = countOf(query.get('limit'), byDefault.limit);
  if (limit === undefined || limit < 1 || limit > MAX_LIMIT) throw new TempMailError('limit');
  const offset = countOf(query.get('offset'), byDefault.offset);
  if (offset === undefined) throw new TempMailError('offset');
  return { limit, offset };
}

/** An id in a path; 0, which nothing has, when it is no number. */
export function idFromPath({ params }: DialectRequest): { id: number } {
  return { id: wholeNumber(params['id']) ?? 0 };
}

/** A whole number from 0, as such or in digits; undefined for anything else. */
export function wholeNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) && Number(number) >= 0 ? Number(number) : undefined;
}

function countOf(given: string | null, byDefault: number | undefined): number | undefined {
  return given === null || given === '' ? byDefault : wholeNumber(given);
}

function parse(text: string): unknown {
  if (isTooDeep(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
