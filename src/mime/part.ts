import type { Part } from './body-plan.ts';
import type { BodyWriter } from './body-writer.ts';
import { putFilePart } from './file-part.ts';
import { beginField, endLine, putWord } from './header-writer.ts';
import { putAscii } from './output.ts';
import { putParameter } from './parameter.ts';
import { putTextPart } from './text-part.ts';

/** Writes a part: its Content-* fields, the empty line, and its body. Only the body of the root must end with a line end. */
export function putPart(body: BodyWriter, part: Part, isRoot: boolean): void {
  if (part.kind === 'text') putTextPart(body, part.subtype, part.text);
  else if (part.kind === 'file') putFilePart(body, part.file, part.isInline);
  else putMultipart(body, part.subtype, part.parts);
  if (isRoot) endBody(body);
}

function putMultipart(body: BodyWriter, subtype: string, parts: readonly Part[]): void {
  // RFC 2045 6.7: `=_` never appears in quoted-printable or base64. A body that would be copied unchanged is searched for
  // the token, and is encoded if it contains it.
  const boundary = `=_${body.frame.boundaryToken}_${++body.multiparts}`;
  beginField(body.header, 'Content-Type');
  putWord(body.header, `multipart/${subtype}`);
  // RFC 2387 3.1: the media type of the root part.
  if (subtype === 'related') putParameter(body.header, 'type', 'text/html');
  putParameter(body.header, 'boundary', boundary);
  endLine(body.header);
  endLine(body.header);
  for (const part of parts) {
    putAscii(body.out, `--${boundary}\r\n`);
    putPart(body, part, false);
    putAscii(body.out, '\r\n');
  }
  putAscii(body.out, `--${boundary}--`);
}

/** Ends the message with a line end: in DATA, the final dot must be on its own line. */
function endBody(body: BodyWriter): void {
  const { out } = body;
  if (out.bytes[out.length - 1] !== 10) putAscii(out, '\r\n');
}
