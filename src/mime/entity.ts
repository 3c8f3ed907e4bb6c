import { bodyStart, headerEnd, type RawField, rawFields, rawName, rawValue } from './raw-header.ts';

/** A header and a body (RFC 2045): the whole message or one part, as offsets into the message. */
export interface Entity {
  readonly start: number;
  readonly headerEnd: number;
  /** Same as `end` when there is no body. */
  readonly bodyStart: number;
  readonly end: number;
  /** Names of its fields, in lower case. */
  readonly names: ReadonlySet<string>;
  /** Lower case, `text/plain` when there is no Content-Type (RFC 2045 5.2). */
  readonly mediaType: string;
  /** The boundary of a multipart. */
  readonly boundary?: string;
  /** Lower case, `7bit` when there is no Content-Transfer-Encoding (RFC 2045 6.1). */
  readonly encoding: string;
  readonly encodingField?: RawField;
}

const MAX_FIELDS = 1000;
const MAX_PARTS = 1000;
const TYPE = /^([!#$%&'*+\-.^_`{|}~\w]+\/[!#$%&'*+\-.^_`{|}~\w]+)[ \t]*(?:;|$)/;
const BOUNDARY = /^[\w'()+,\-./:=? ]{0,69}[\w'()+,\-./:=?]$/; // RFC 2046 5.1.1
const PARAMETER = /;[ \t]*([^\s=;"]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))[ \t]*/gy;

/** Reads the entity in a range of a message; undefined when its header is invalid or contradicts itself. */
export function readEntity(mime: Buffer, start: number, end: number): Entity | undefined {
  const header = headerEnd(mime, start, end);
  const named = namedFields(mime, start, header);
  if (named === undefined) return undefined;
  const typeField = named.get('content-type');
  const type = typeField === undefined ? { mediaType: 'text/plain' } : readType(rawValue(mime, typeField));
  if (type === undefined) return undefined;
  const encodingField = named.get('content-transfer-encoding');
  return {
    start,
    headerEnd: header,
    bodyStart: Math.min(bodyStart(mime, header) ?? end, end),
    end,
    names: new Set(named.keys()),
    ...type,
    encoding: encodingField === undefined ? '7bit' : rawValue(mime, encodingField).toLowerCase(),
    ...(encodingField && { encodingField }),
  };
}

/** Returns the ranges between the delimiter lines of a multipart (RFC 2046 5.1.1); undefined when malformed or over 1,000 parts. */
export function partsOf(mime: Buffer, entity: Entity): { start: number; end: number }[] | undefined {
  const { boundary } = entity;
  if (boundary === undefined) return undefined;
  const delimiter = Buffer.from(`--${boundary}`, 'latin1');
  const body = mime.subarray(entity.bodyStart, entity.end);
  const parts: { start: number; end: number }[] = [];
  let open: number | undefined;
  for (let at = body.indexOf(delimiter); at !== -1; at = body.indexOf(delimiter, at + 1)) {
    const line = delimiterLine(body, at, delimiter.length);
    if (line === undefined) continue;
    // The line end before a delimiter belongs to the delimiter. A part without one has no header and no body.
    if (open !== undefined) parts.push(rangeAt(entity.bodyStart, open, Math.max(open, at - 2)));
    if (parts.length > MAX_PARTS) return undefined;
    if (line.isLast) return parts.length > 0 ? parts : undefined;
    open = line.end;
  }
  return undefined;
}

/** Returns the fields by name; undefined for an invalid line, for too many fields, or for a repeated Content-* field. */
function namedFields(mime: Buffer, start: number, end: number): Map<string, RawField> | undefined {
  const named = new Map<string, RawField>();
  let count = 0;
  for (const field of rawFields(mime, start, end)) {
    const name = rawName(mime, field);
    if (name === '' || ++count > MAX_FIELDS) return undefined;
    if (named.has(name) && name.startsWith('content-')) return undefined;
    named.set(name, field);
  }
  return named;
}

function readType(value: string): { mediaType: string; boundary?: string } | undefined {
  const mediaType = TYPE.exec(value)?.[1]?.toLowerCase();
  if (mediaType === undefined) return undefined;
  if (!mediaType.startsWith('multipart/')) return { mediaType };
  const boundary = parameterOf(value, 'boundary');
  return boundary !== undefined && BOUNDARY.test(boundary) ? { mediaType, boundary } : undefined;
}

/** Returns a parameter that occurs once, quoted or not. Comments and RFC 2231 sections are not supported: it is then absent. */
function parameterOf(value: string, wanted: string): string | undefined {
  const found: string[] = [];
  PARAMETER.lastIndex = value.indexOf(';');
  for (let match = PARAMETER.exec(value); match !== null; match = PARAMETER.exec(value)) {
    const [, name = '', quoted, plain = ''] = match;
    if (name.toLowerCase() === wanted) found.push(quoted?.replace(/\\(.)/g, '$1') ?? plain);
  }
  return found.length === 1 ? found[0] : undefined;
}

/** Returns the end of a delimiter line and whether it is the last; undefined if the line is not a delimiter. */
function delimiterLine(
  body: Buffer,
  at: number,
  length: number,
): { end: number; isLast: boolean } | undefined {
  if (at > 0 && !(body[at - 2] === 13 && body[at - 1] === 10)) return undefined;
  let i = at + length;
  const isLast = body[i] === 0x2d && body[i + 1] === 0x2d;
  if (isLast) i += 2;
  while (body[i] === 0x20 || body[i] === 9) i++;
  if (i === body.length) return { end: i, isLast };
  return body[i] === 13 && body[i + 1] === 10 ? { end: i + 2, isLast } : undefined;
}

function rangeAt(base: number, start: number, end: number): { start: number; end: number } {
  return { start: base + start, end: base + end };
}
