import { AppError, invalidField } from '../../core/errors.ts';
import { isTooDeep, MAX_JSON_DEPTH } from '../json-depth.ts';

/** The JSON value of a body, whatever its Content-Type says; `malformed` when it is none. */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0) throw new AppError('malformed', 'The body is empty; a JSON value is needed.');
  const text = body.toString('utf8');
  if (isTooDeep(text))
    throw new AppError('malformed', `The body nests deeper than ${MAX_JSON_DEPTH} levels.`);
  try {
    return JSON.parse(text);
  } catch {
    // V8's own sentence quotes the body, which may hold what nobody should log.
    throw new AppError('malformed', 'The body is not JSON.');
  }
}

/** For calls that take no body: nothing, or an empty object. */
export function refuseBody(body: Buffer): void {
  if (body.length === 0) return;
  const value = parseJson(body);
  const field = isObject(value) ? Object.keys(value)[0] : 'body';
  if (field !== undefined) throw invalidField(field, 'unknown field');
}

/** An object that is no array. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object without the fields that are null or '', which mean the same as absent; of `optional` ones if given. */
export function withoutAbsent(value: unknown, optional?: readonly string[]): unknown {
  if (!isObject(value)) return value;
  const isAbsent = (key: string) =>
    (value[key] === null || value[key] === '') && (optional === undefined || optional.includes(key));
  const keys = Object.keys(value);
  if (!keys.some(isAbsent)) return value;
  return Object.fromEntries(keys.filter(key => !isAbsent(key)).map(key => [key, value[key]]));
}
