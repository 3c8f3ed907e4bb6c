import { AppError } from '../../core/errors.ts';
import { isTooDeep, MAX_JSON_DEPTH } from '../json-depth.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** Parses a JSON object. The Content-Type is ignored. PHP writes an empty object as `[]`. */
export function readFields(body: Buffer): Fields {
  const value = parseJson(body.toString('utf8'));
  if (Array.isArray(value) && value.length === 0) return {};
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new AppError('malformed', 'The body must be a JSON object.');
}

function parseJson(text: string): unknown {
  if (text.trim() === '') throw new AppError('malformed', 'The body is empty: send a JSON object.');
  if (isTooDeep(text)) {
    throw new AppError('malformed', `The body nests deeper than ${MAX_JSON_DEPTH} levels.`);
  }
  try {
    return JSON.parse(text);
  } catch {
    // The error text of V8 contains a part of the body, which may contain a password.
    throw new AppError('malformed', 'The body is not JSON.');
  }
}
