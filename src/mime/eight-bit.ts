import { isAscii } from 'node:buffer';
import { base64Length, putEncoded, wrappedLength } from './base64.ts';
import { type Entity, partsOf, readEntity } from './entity.ts';
import { createOutput, type Output, putAscii, putBytes, takeCopy } from './output.ts';
import { putQuotedPrintable } from './quoted-printable.ts';

const MAX_DEPTH = 20;
const MAX_PARTS = 1000;
const IDENTITY = new Set(['7bit', '8bit', 'binary']);

/** A conversion under way: `copied` is how far the source has been taken over into the result. */
interface Conversion {
  readonly mime: Buffer;
  readonly out: Output;
  copied: number;
  parts: number;
}

/**
 * The message with 8-bit bodies re-encoded (RFC 6152 3) and everything else as it was, octet for octet; the same buffer
 * when it is 7-bit already. Undefined when it must not be touched: signed, 8-bit in header fields, not well-formed.
 */
export function toSevenBit(mime: Buffer): Buffer | undefined {
  if (isAscii(mime)) return mime;
  const conversion: Conversion = {
    mime,
    out: createOutput(mime.length + (mime.length >> 1)),
    copied: 0,
    parts: 0,
  };
  if (!convertMessage(conversion, 0, mime.length, 0)) return undefined;
  copyUntil(conversion, mime.length);
  // Outside of the parts, before the first and behind the last, nothing can be encoded.
  const isSevenBit = isAscii(conversion.out.bytes.subarray(0, conversion.out.length));
  return isSevenBit ? takeCopy(conversion.out) : undefined;
}

/** Each of these converts what is in a stretch of the message, in order; false when that is not allowed. */
function convertMessage(conversion: Conversion, start: number, end: number, depth: number): boolean {
  const entity = readEntity(conversion.mime, start, end);
  if (entity === undefined || entity.names.has('dkim-signature')) return false;
  return convertEntity(conversion, entity, depth, true);
}

function convertPart(conversion: Conversion, start: number, end: number, depth: number): boolean {
  if (++conversion.parts > MAX_PARTS) return false;
  if (isAscii(conversion.mime.subarray(start, end))) return true;
  const entity = readEntity(conversion.mime, start, end);
  return entity !== undefined && convertEntity(conversion, entity, depth, false);
}

function convertEntity(conversion: Conversion, entity: Entity, depth: number, isMessage: boolean): boolean {
  const { mime } = conversion;
  const { mediaType, headerEnd, bodyStart, end } = entity;
  if (depth > MAX_DEPTH || !isAscii(mime.subarray(entity.start, headerEnd))) return false;
  // RFC 2045 6.4: what is labelled as encoded is 7-bit; RFC 1847 2.1: what is signed stays as it is.
  if (!IDENTITY.has(entity.encoding) || mediaType === 'multipart/signed') return false;
  if (mediaType.startsWith('multipart/')) {
    const parts = partsOf(mime, entity);
    relabel(conversion, entity, '7bit');
    return parts?.every(part => convertPart(conversion, part.start, part.end, depth + 1)) ?? false;
  }
  if (mediaType.startsWith('message/')) {
    relabel(conversion, entity, '7bit');
    return mediaType === 'message/rfc822' && convertMessage(conversion, bodyStart, end, depth + 1);
  }
  convertLeaf(conversion, entity, isMessage);
  return true;
}

function convertLeaf(conversion: Conversion, entity: Entity, isMessage: boolean): void {
  const { mime, out } = conversion;
  const encoded = encodeShortest(mime.subarray(entity.bodyStart, entity.end), entity.mediaType);
  relabel(conversion, entity, encoded.encoding);
  // RFC 2045 4: without this field the encoding would mean nothing.
  if (isMessage && !entity.names.has('mime-version')) addField(conversion, entity, 'MIME-Version: 1.0\r\n');
  copyUntil(conversion, entity.bodyStart);
  putBytes(out, encoded.octets);
  conversion.copied = entity.end;
  // The message itself ends in a line end; a part has that of the delimiter behind it.
  if (entity.end === mime.length && out.bytes[out.length - 1] !== 10) putAscii(out, '\r\n');
}

interface Encoded {
  readonly encoding: 'quoted-printable' | 'base64';
  readonly octets: Buffer;
}

/** Text stays readable unless base64 is shorter; of other octets only base64 is sure to bring back the very same. */
function encodeShortest(octets: Buffer, mediaType: string): Encoded {
  const limit = wrappedLength(base64Length(octets.length));
  const out = createOutput(limit + 256);
  const rules = { anyLineEnd: false, limit };
  if (mediaType.startsWith('text/') && putQuotedPrintable(out, octets, octets.length, rules)) {
    return { encoding: 'quoted-printable', octets: out.bytes.subarray(0, out.length) };
  }
  return { encoding: 'base64', octets: out.bytes.subarray(0, putEncoded(out.bytes, 0, octets)) };
}

/** Makes the entity say how it is encoded now; of the identities, only 7bit is said by saying nothing. */
function relabel(
  conversion: Conversion,
  entity: Entity,
  encoding: '7bit' | 'quoted-printable' | 'base64',
): void {
  const { encodingField } = entity;
  const line = `Content-Transfer-Encoding: ${encoding}\r\n`;
  if (encodingField !== undefined) {
    if (entity.encoding === encoding) return;
    copyUntil(conversion, encodingField.start);
    putAscii(conversion.out, line);
    conversion.copied = encodingField.end;
  } else if (encoding !== '7bit') {
    addField(conversion, entity, line);
  }
}

function addField(conversion: Conversion, entity: Entity, line: string): void {
  copyUntil(conversion, entity.headerEnd);
  putAscii(conversion.out, line);
}

function copyUntil(conversion: Conversion, end: number): void {
  putBytes(conversion.out, conversion.mime.subarray(conversion.copied, end));
  conversion.copied = end;
}
