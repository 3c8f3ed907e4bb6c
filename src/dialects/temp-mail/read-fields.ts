import { TempMailError } from '../../core/temp-mail-refusal.ts';
import type { ListRange, TempMailMessage } from '../../operations/temp-mail-operations.ts';
import type { DialectRequest } from '../dialect.ts';
import { isTooDeep } from '../json-depth.ts';

/** A JSON object with unchecked values. */
export type Fields = Readonly<Record<string, unknown>>;

const MAX_LIMIT = 100;

/** Parses the body as a JSON object. The Content-Type is ignored. */
export function parseFields({ body }: Pick<DialectRequest, 'body'>): Fields {
  const value = parse(body.toString('utf8'));
  // PHP writes an empty object as `[]`.
  if (Array.isArray(value) && value.length === 0) return {};
  if (!isJsonObject(value)) throw new TempMailError('input');
  return value;
}

export function isJsonObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Null and '' mean that a field is absent. */
export function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

/** Reads a string field; '' if it is absent. */
export function readText(fields: Fields, name: string): string {
  const value = fields[name];
  if (isAbsent(value)) return '';
  if (typeof value !== 'string') throw new TempMailError('input');
  return value;
}

/** Reads a message. A `to_mail` that is not a string counts as absent. */
export function readMessage(fields: Fields): TempMailMessage {
  const toMail = fields['to_mail'];
  return {
    fromName: readText(fields, 'from_name'),
    toName: readText(fields, 'to_name'),
    toMail: typeof toMail === 'string' ? toMail : '',
    subject: readText(fields, 'subject'),
    content: readText(fields, 'content'),
    // The original API uses truthiness: the string "false" means HTML.
    isHtml: Boolean(fields['is_html']),
  };
}

/** Reads `limit` and `offset`. `defaults` are used for absent parameters. */
export function readRange({ query }: DialectRequest, defaults: Partial<ListRange> = {}): ListRange {
  const limit = readCount(query.get('limit'), defaults.limit);
  if (limit === undefined || limit < 1 || limit > MAX_LIMIT) throw new TempMailError('limit');
  const offset = readCount(query.get('offset'), defaults.offset);
  if (offset === undefined) throw new TempMailError('offset');
  return { limit, offset };
}

/** Reads the id in a path; 0, which no record has, if it is not a number. */
export function idFromPath({ params }: DialectRequest): { id: number } {
  return { id: parseWholeNumber(params['id']) ?? 0 };
}

/** Reads a whole number from 0, as a number or as digits in a string. Undefined for other values. */
export function parseWholeNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) && Number(number) >= 0 ? Number(number) : undefined;
}

function readCount(text: string | null, fallback: number | undefined): number | undefined {
  return text === null || text === '' ? fallback : parseWholeNumber(text);
}

function parse(text: string): unknown {
  if (isTooDeep(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
