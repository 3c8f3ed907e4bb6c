import { base64Length, putEncoded, wrappedLength } from './base64.ts';
import type { BodyWriter } from './body-writer.ts';
import { putPlainField } from './content-header.ts';
import { beginField, endLine, putWord } from './header-writer.ts';
import { normaliseLineEnds, putWithCrlf } from './line-ends.ts';
import { type Output, reserve } from './output.ts';
import { putParameter } from './parameter.ts';
import { examinePlain } from './plain-text.ts';
import { putQuotedPrintable } from './quoted-printable.ts';

/** Up to this length, reserving memory for the worst case is cheaper than counting. */
const SHORT_TEXT = 16 * 1024;

type Encoding = '7bit' | '8bit' | 'quoted-printable' | 'base64';

/** Writes a text part in UTF-8. All line ends become CRLF. */
export function putTextPart(body: BodyWriter, subtype: 'plain' | 'html', text: string): void {
  const { out, frame } = body;
  const octets = octetsOf(body.scratch, text);
  const isForced = frame.textEncoding === 'quoted-printable';
  const plain = isForced ? undefined : examinePlain(octets, octets.length, frame.eightBit === true);
  // A body that is copied unchanged could contain a line that looks like a boundary.
  if (plain !== undefined && !octets.includes(frame.boundaryToken)) {
    putTextHeader(body, subtype, plain.encoding);
    reserve(out, octets.length + plain.lineEnds);
    out.length = putWithCrlf(out.bytes, out.length, octets, octets.length);
    if (plain.encoding === '8bit') body.hasEightBit = true;
    return;
  }
  const start = out.length;
  putTextHeader(body, subtype, 'quoted-printable');
  const limit = isForced ? Number.POSITIVE_INFINITY : wrappedLength(base64Length(octets.length));
  if (putQuotedPrintable(out, octets, octets.length, { anyLineEnd: true, limit })) return;
  out.length = start;
  putTextHeader(body, subtype, 'base64');
  const normal = normaliseLineEnds(octets);
  reserve(out, wrappedLength(base64Length(normal.length)));
  out.length = putEncoded(out.bytes, out.length, normal);
}

/** Encodes a text as UTF-8 into the scratch memory, which is valid until the next use. Lone surrogates become U+FFFD. */
function octetsOf(scratch: Output, text: string): Buffer {
  scratch.length = 0;
  reserve(scratch, text.length > SHORT_TEXT ? Buffer.byteLength(text) : text.length * 3);
  scratch.length = scratch.bytes.write(text, 0, 'utf8');
  return scratch.bytes.subarray(0, scratch.length);
}

function putTextHeader(body: BodyWriter, subtype: 'plain' | 'html', encoding: Encoding): void {
  beginField(body.header, 'Content-Type');
  putWord(body.header, `text/${subtype}`);
  putParameter(body.header, 'charset', 'utf-8');
  endLine(body.header);
  putPlainField(body.header, 'Content-Transfer-Encoding', encoding);
  endLine(body.header);
}
