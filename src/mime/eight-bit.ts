import { isAscii } from 'node:buffer';
import { base64Length, putEncoded, wrappedLength } from './base64.ts';
import { type Entity, partsOf, readEntity } from './entity.ts';
import { createOutput, type Output, putAscii, putBytes, takeCopy } from './output.ts';
import { putQuotedPrintable } from './quoted-printable.ts';

const MAX_DEPTH = 20;
const MAX_PARTS = 1000;
const IDENTITY = new Set(['7bit', '8bit', 'binary']);

/** A running conversion. `copied`: the offset up to which the source was copied. */
interface Conversion {
  readonly mime: Buffer;
  readonly out: Output;
  copied: number;
  parts: number;
}

/**
 * Re-encodes the 8-bit bodies of a message (RFC 6152 3). Everything else stays the same, octet by octet. A 7-bit message is
 * returned as the same buffer. Undefined for a message that must not be changed: signed, 8-bit header fields, malformed.
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
  // Text before the first part and after the last part cannot be encoded.
  const isSevenBit = isAscii(conversion.out.bytes.subarray(0, conversion.out.length));
  return isSevenBit ? takeCopy(conversion.out) : undefined;
}

/** These functions convert a range of the message, in order. They return false if a conversion is not allowed. */
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
  // RFC 2045 6.4: content that is labelled as encoded must not have 8-bit octets. RFC 1847 2.1: signed content must not change.
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
  // RFC 2045 4: without MIME-Version the encoding field has no effect.
  if (isMessage && !entity.names.has('mime-version')) addField(conversion, entity, 'MIME-Version: 1.0\r\n');
  copyUntil(conversion, entity.bodyStart);
  putBytes(out, encoded.octets);
  conversion.copied = entity.end;
  // The message must end with a line end. A part has the line end of the following delimiter.
  if (entity.end === mime.length && out.bytes[out.length - 1] !== 10) putAscii(out, '\r\n');
}

interface Encoded {
  readonly encoding: 'quoted-printable' | 'base64';
  readonly octets: Buffer;
}

/** Encodes text as quoted-printable unless base64 is shorter. Other octets use base64, which restores them exactly. */
function encodeShortest(octets: Buffer, mediaType: string): Encoded {
  const limit = wrappedLength(base64Length(octets.length));
  const out = createOutput(limit + 256);
  const rules = { anyLineEnd: false, limit };
  if (mediaType.startsWith('text/') && putQuotedPrintable(out, octets, octets.length, rules)) {
    return { encoding: 'quoted-printable', octets: out.bytes.subarray(0, out.length) };
  }
  return { encoding: 'base64', octets: out.bytes.subarray(0, putEncoded(out.bytes, 0, octets)) };
}

/** Updates the Content-Transfer-Encoding of an entity. An absent field already means 7bit. */
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
