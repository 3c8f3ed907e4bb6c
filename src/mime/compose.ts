import type { Content } from '../core/message.ts';
import { planBody } from './body-plan.ts';
import { createBodyWriter, type Insert } from './body-writer.ts';
import { putContentHeader } from './content-header.ts';
import type { Frame } from './frame.ts';
import { createHeaderWriter } from './header-writer.ts';
import { createOutput, type Output } from './output.ts';
import { putPart } from './part.ts';

/** A message ready to be sent: RFC 5322 with CRLF line ends, none over 998 octets. */
export interface Composed {
  /** Of exactly its own size, in memory of its own. */
  readonly mime: Buffer;
  /** It holds octets above 127. */
  readonly eightBit: boolean;
  /** A header field holds UTF-8 outside of encoded-words: an address with a local part beyond ASCII. */
  readonly smtputf8: boolean;
}

const FIRST_ROOM = 32 * 1024;
const KEPT_ROOM = 1024 * 1024;
const TOKEN = /^[A-Za-z0-9]{8,40}$/;

/** The memory that messages are composed in, kept from one to the next: composing is synchronous, so one is enough. */
let workspace: { readonly out: Output; readonly text: Output } = newWorkspace();

/** Makes the MIME message for a content. Never writes a Bcc field. Throws only for what its caller should have refused. */
export function compose(content: Content, frame: Frame): Composed {
  if (!TOKEN.test(frame.boundaryToken))
    throw new Error('The boundary token must be 8 to 40 letters and digits');
  const { out, text } = workspace;
  out.length = 0;
  const header = createHeaderWriter(out);
  putContentHeader(header, content, frame);
  const body = createBodyWriter(header, text, frame);
  putPart(body, planBody(content), true);
  const mime = assemble(out, body.inserts);
  if (out.bytes.length > KEPT_ROOM || text.bytes.length > KEPT_ROOM) workspace = newWorkspace();
  return { mime, eightBit: body.hasEightBit || header.hasUtf8, smtputf8: header.hasUtf8 };
}

function assemble(out: Output, inserts: readonly Insert[]): Buffer {
  const size = inserts.reduce((sum, insert) => sum + insert.length, out.length);
  const mime = Buffer.allocUnsafeSlow(size);
  let from = 0;
  let to = 0;
  for (const insert of inserts) {
    to += out.bytes.copy(mime, to, from, insert.at);
    insert.write(mime, to);
    to += insert.length;
    from = insert.at;
  }
  out.bytes.copy(mime, to, from, out.length);
  return mime;
}

function newWorkspace() {
  return { out: createOutput(FIRST_ROOM), text: createOutput(FIRST_ROOM) };
}
