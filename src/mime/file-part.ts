import { isAscii } from 'node:buffer';
import type { Attachment } from '../core/message.ts';
import { base64Length, hasBlanks, putEncoded, putWrapped, wrappedLength } from './base64.ts';
import type { BodyWriter } from './body-writer.ts';
import { putPlainField } from './content-header.ts';
import { beginField, endLine, type HeaderWriter, putWord } from './header-writer.ts';
import { checkLineEnds } from './line-ends.ts';
import { putBytes } from './output.ts';
import { putParameter } from './parameter.ts';

const COMPOSITE = /^(?:message|multipart)\//i;
const MESSAGE = /^message\//i;
const OPAQUE = 'application/octet-stream';

/** Writes a file as a part in base64. Its octets are written directly into the finished message. */
export function putFilePart(body: BodyWriter, file: Attachment, isInline: boolean): void {
  const isComposite = COMPOSITE.test(file.contentType);
  const message = isComposite ? plainMessage(body, file) : undefined;
  if (message !== undefined) {
    putFileHeader(body.header, file, { encoding: '7bit', isInline });
    putBytes(body.out, message);
  } else {
    const opaque = isComposite ? { ...file, contentType: OPAQUE } : file;
    putFileHeader(body.header, opaque, { encoding: 'base64', isInline });
    putBase64(body, file.content);
  }
}

/**
 * RFC 2045 6.4 and RFC 2046 5.2.1: an attached message must not be in base64 or quoted-printable. If it is valid 7-bit it is
 * written unchanged. Otherwise it is sent as application/octet-stream, and so is a multipart.
 */
function plainMessage(body: BodyWriter, file: Attachment): Buffer | undefined {
  if (!MESSAGE.test(file.contentType)) return undefined;
  const octets = octetsOf(file.content);
  const isPlain = isAscii(octets) && Object.keys(checkLineEnds(octets)).length === 0;
  return isPlain && !octets.includes(body.frame.boundaryToken) ? octets : undefined;
}

function putFileHeader(
  header: HeaderWriter,
  { contentType, cid, filename }: Attachment,
  { encoding, isInline }: { readonly encoding: '7bit' | 'base64'; readonly isInline: boolean },
): void {
  putPlainField(header, 'Content-Type', contentType);
  putPlainField(header, 'Content-Transfer-Encoding', encoding);
  if (cid !== undefined) putPlainField(header, 'Content-ID', `<${asciiId(cid)}>`);
  beginField(header, 'Content-Disposition');
  putWord(header, isInline ? 'inline' : 'attachment');
  if (filename) putParameter(header, 'filename', filename);
  endLine(header);
  endLine(header);
}

function putBase64(body: BodyWriter, content: string | Uint8Array): void {
  // Text with blanks is decoded and encoded again: that is faster than removing the blanks.
  const source = typeof content === 'string' && hasBlanks(content) ? octetsOf(content) : content;
  const isText = typeof source === 'string';
  const length = wrappedLength(isText ? source.length : base64Length(source.length));
  body.inserts.push({
    at: body.out.length,
    length,
    write: (target, start) => {
      if (isText) putWrapped(target, start, source);
      else putEncoded(target, start, source);
    },
  });
}

function octetsOf(content: string | Uint8Array): Buffer {
  return typeof content === 'string'
    ? Buffer.from(content, 'base64')
    : Buffer.from(content.buffer, content.byteOffset, content.byteLength);
}

/** Writes a Content-ID in the characters of RFC 2392. Others are percent-encoded, as in the `cid:` URL that refers to it. */
function asciiId(cid: string): string {
  return cid.toWellFormed().replace(/[^!-;=?-~]/gu, char => encodeURIComponent(char));
}
