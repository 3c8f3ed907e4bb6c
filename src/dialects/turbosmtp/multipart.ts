import { AppError } from '../../core/errors.ts';
import { bodyStart, headerEnd, rawFields, rawName, rawValue } from '../../mime/raw-header.ts';
import type { FormPair } from './form-names.ts';

const BOUNDARY = /^multipart\/form-data\b.*?;\s*boundary=(?:"([^"]{1,200})"|([^\s;"]{1,200}))/is;
const LINE_END = Buffer.from('\r\n');
const DASHES = Buffer.from('--');

/** The boundary in a Content-Type; undefined if it is not multipart/form-data. */
export function boundaryIn(contentType: string): string | undefined {
  const [, quoted, plain] = BOUNDARY.exec(contentType) ?? [];
  return quoted ?? plain;
}

/** Reads the parts of a `multipart/form-data` body (RFC 7578). A part with a file name is an upload. */
export function* readMultipart(body: Buffer, boundary: string): Generator<FormPair> {
  const delimiter = Buffer.from(`--${boundary}`, 'latin1');
  // RFC 2046, section 5.1.1: the line end before a delimiter belongs to it. The first delimiter may have none.
  let at = body.subarray(0, delimiter.length).equals(delimiter)
    ? 0
    : endOfPart(body, 0, delimiter) + LINE_END.length;
  for (;;) {
    at += delimiter.length;
    if (body.subarray(at, at + DASHES.length).equals(DASHES)) return;
    const start = body.indexOf(LINE_END, at);
    if (start === -1) throw malformed();
    const end = endOfPart(body, start, delimiter);
    const pair = readPart(body.subarray(start + LINE_END.length, Math.max(end, start + LINE_END.length)));
    if (pair !== undefined) yield pair;
    at = end + LINE_END.length;
  }
}

function endOfPart(body: Buffer, from: number, delimiter: Buffer): number {
  const end = body.indexOf(Buffer.concat([LINE_END, delimiter]), from);
  if (end === -1) throw malformed();
  return end;
}

function readPart(part: Buffer): FormPair | undefined {
  const end = headerEnd(part);
  const start = bodyStart(part, end);
  if (start === undefined) throw malformed();
  let disposition = '';
  let type = '';
  for (const field of rawFields(part, 0, end)) {
    const name = rawName(part, field);
    if (name === 'content-disposition') disposition = rawValue(part, field);
    else if (name === 'content-type') type = rawValue(part, field);
  }
  const name = parameterOf(disposition, 'name');
  if (name === undefined) return undefined;
  const filename = parameterOf(disposition, 'filename');
  const octets = part.subarray(start);
  if (filename === undefined) return { name, value: octets };
  return { name, value: { filename, octets, ...(type !== '' && { type }) } };
}

// RFC 7578, section 4.2: browsers percent-encode quotes and line ends in a name, but not backslashes. Other clients write
// a backslash before a quote: such a quote does not end the parameter.
function parameterOf(disposition: string, name: string): string | undefined {
  const [, quoted, plain] =
    new RegExp(`;\\s*${name}=(?:"((?:[^"]|(?<=\\\\)"(?!\\s*(?:;|$)))*)"|([^\\s;"]+))`, 'i').exec(
      disposition,
    ) ?? [];
  const text = quoted?.replaceAll('\\"', '"') ?? plain;
  return text?.replace(/%22|%0D|%0A/gi, decodeURIComponent);
}

function malformed(): AppError {
  return new AppError('malformed', 'malformed multipart body');
}
