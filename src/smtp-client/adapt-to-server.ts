import type { Envelope } from '../core/message.ts';
import type { Capabilities } from './capabilities.ts';

/** A message to send: its bytes, which never change, and its envelope. */
export interface Mail {
  readonly envelope: Envelope;
  /** CRLF line ends, no bare CR, LF or NUL; not dot-stuffed. */
  readonly mime: Buffer;
  /** The message has octets above 127. */
  readonly eightBit: boolean;
  /** An address or a header field needs SMTPUTF8. */
  readonly smtputf8: boolean;
}

/** Re-encodes 8-bit parts so that only 7-bit octets remain. Undefined when that would break the message (a signature). */
export type ToSevenBit = (mime: Buffer) => Buffer | undefined;

/** A message in the form for one server, or why this server can never accept it. */
export type AdaptedMail =
  | {
      readonly ok: true;
      readonly mime: Buffer;
      /** Parameters of the MAIL command, each with a leading space. */
      readonly parameters: string;
      readonly converted: boolean;
    }
  | { readonly ok: false; readonly refusal: string };

/** Adapts a message to the extensions of a server. No content is lost. */
export function adaptToServer(mail: Mail, server: Capabilities, toSevenBit: ToSevenBit): AdaptedMail {
  // RFC 6531 3.2
  if (mail.smtputf8 && !server.smtpUtf8) {
    return refuse('5.6.7 the message needs SMTPUTF8, which the server does not offer');
  }
  const isEightBit = mail.eightBit || mail.smtputf8;
  const mustConvert = mail.eightBit && !server.eightBitMime && !mail.smtputf8;
  const mime = mustConvert ? toSevenBit(mail.mime) : mail.mime;
  // RFC 6152 3
  if (mime === undefined) {
    return refuse('5.6.3 the server does not offer 8BITMIME and the message cannot be converted to 7 bits');
  }
  if (server.maxSize !== undefined && server.maxSize > 0 && mime.length > server.maxSize) {
    return refuse(`5.3.4 the message has ${mime.length} octets and the server accepts ${server.maxSize}`);
  }
  const parameters =
    (server.maxSize !== undefined ? ` SIZE=${mime.length}` : '') +
    (isEightBit && server.eightBitMime ? ' BODY=8BITMIME' : '') +
    (mail.smtputf8 ? ' SMTPUTF8' : '');
  return { ok: true, mime, parameters, converted: mustConvert };
}

function refuse(refusal: string): AdaptedMail {
  return { ok: false, refusal };
}
