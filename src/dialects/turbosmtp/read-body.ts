import { AppError } from '../../core/errors.ts';
import type { DialectRequest } from '../dialect.ts';
import { nestFields } from './form-names.ts';
import { parseJsonText } from './json-text.ts';
import { boundaryIn, readMultipart } from './multipart.ts';
import { readUrlencoded } from './urlencoded.ts';
import { type Fields, isRecord } from './values.ts';

const BOM = Buffer.from('\ufeff');
const BLANKS = [0x20, 0x09, 0x0a, 0x0d];

/** Reads a body: as JSON if it starts like JSON, as a multipart form if the Content-Type says so, or else as a form. */
export function readFields({ body, headers }: Pick<DialectRequest, 'body' | 'headers'>): Fields {
  const bytes = body.subarray(0, BOM.length).equals(BOM) ? body.subarray(BOM.length) : body;
  if (bytes.length === 0) return {};
  const first = String.fromCharCode(bytes.find(byte => !BLANKS.includes(byte)) ?? 0);
  if (first === '{' || first === '[') return readJson(bytes);
  const boundary = boundaryIn(headers['content-type'] ?? '');
  return nestFields(boundary === undefined ? readUrlencoded(bytes) : readMultipart(bytes, boundary));
}

function readJson(bytes: Buffer): Fields {
  const value = parseJsonText(bytes.toString('utf8'));
  if (isRecord(value)) return value;
  // PHP writes an empty object as `[]`.
  if (Array.isArray(value) && value.length === 0) return {};
  throw new AppError('malformed', 'malformed JSON');
}
