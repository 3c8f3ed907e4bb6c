import type { Content } from '../core/message.ts';
import { planBody } from './body-plan.ts';
import { createBodyWriter, type Insert } from './body-writer.ts';
import { putContentHeader } from './content-header.ts';
import type { Frame } from './frame.ts';
import { createHeaderWriter } from './header-writer.ts';
import { createOutput, type Output } from './output.ts';
import { putPart } from './part.ts';

/** A message that is ready to be sent: RFC 5322 with CRLF line ends and lines of at most 998 octets. */
export interface Composed {
  /** A buffer of exactly this size, with its own memory. */
  readonly mime: Buffer;
  /** The message has octets above 127. */
  readonly eightBit: boolean;
  /** A header field has UTF-8 outside encoded-words: an address with a non-ASCII local part. */
  readonly smtputf8: boolean;
}

const INITIAL_CAPACITY = 32 * 1024;
const MAX_KEPT_CAPACITY = 1024 * 1024;
const TOKEN = /^[A-Za-z0-9]{8,40}$/;

/** Memory for composing, reused for each message. Composing is synchronous, so one workspace is enough. */
let workspace: { readonly out: Output; readonly text: Output } = newWorkspace();

/** Composes the MIME message of a content. It never writes a Bcc field. It throws only for input that the caller must refuse. */
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
  if (out.bytes.length > MAX_KEPT_CAPACITY || text.bytes.length > MAX_KEPT_CAPACITY)
    workspace = newWorkspace();
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
  return { out: createOutput(INITIAL_CAPACITY), text: createOutput(INITIAL_CAPACITY) };
}
