import { hasControl } from './control-characters.ts';
import { parseAddressLiteral, parseDomain } from './domain.ts';
import { accept, type Parsed, refuse } from './parsed.ts';

declare const brand: unique symbol;

/**
 * A checked mail address, `local@domain`, in its canonical form: policy compares it, and MAIL and RCPT carry it. The domain
 * is in lower-case A-labels, or an address literal. The local part is in NFC and keeps its capitals. It is quoted only if
 * RFC 5321 requires it. An address has no control characters, no `<`, no `>` and no unquoted spaces. It has at most 254
 * octets, 64 of them before the `@`.
 */
export type Address = string & { readonly [brand]: 'Address' };

/** A mailbox of a header field: an optional display name (decoded Unicode, no control characters) and an address. */
export interface Mailbox {
  readonly name?: string;
  readonly address: Address;
}

/** RFC 5321 4.5.3.1.1. */
const MAX_LOCAL_PART_OCTETS = 64;
/** RFC 5321 4.5.3.1.3 with erratum 1690: a path has 256 octets including its angle brackets. */
export const MAX_ADDRESS_OCTETS = 254;

const ATEXT = "\\w!#$%&'*+\\-/=?^`{|}~";
const LABEL_REST = '(?:[a-z0-9-]{0,61}[a-z0-9])?';
// Nearly all addresses, already canonical: an ASCII dot-atom and a lower-case domain that does not end in a number.
const USUAL = new RegExp(`^[${ATEXT}]+(?:\\.[${ATEXT}]+)*@(?:[a-z0-9]${LABEL_REST}\\.)*[a-z]${LABEL_REST}$`);
// RFC 6531 3.3 allows non-ASCII UTF-8 in atoms and in quoted text.
const DOT_ATOM = new RegExp(`^[${ATEXT}\\u0080-\\uffff]+(?:\\.[${ATEXT}\\u0080-\\uffff]+)*$`);
const NOT_ATOM_NOR_DOT = new RegExp(`[^${ATEXT}.\\u0080-\\uffff]`);
const QUOTED_STRING = /^"(?:[^"\\]|\\[ -~])*"(?=@)/;
/** RFC 2047 5 forbids encoded words in an address. Programs that decode one anyway see another address. */
const ENCODED_WORD = /=\?[^?]*\?[bq]\?[^?]*\?=/i;
const NON_ASCII = /[\u0080-\uffff]/;
// Spaces, invisible format characters (except joiners, which some scripts need), and U+FFFD from a failed decoding. Also a
// combining mark at the start: Unicode normalisation would combine it with the `<` before it.
const INVISIBLE = /^"?\p{M}|(?! |\u200c|\u200d)[\p{Z}\p{Cf}\ufffd]/u;

/**
 * Parses an address strictly, by RFC 5321 4.1.2 as extended by RFC 6531: no comments, no folding, no surrounding text. The
 * result is the canonical form. Parsing that form again gives the same address.
 */
export function parseAddress(text: string): Parsed<Address> {
  const isUsual =
    text.length <= MAX_ADDRESS_OCTETS && USUAL.test(text) && text.indexOf('@') <= MAX_LOCAL_PART_OCTETS;
  if (isUsual && !text.includes('=?')) return accept(text as Address);
  const problem = problemAnywhere(text);
  return problem === undefined ? parseUnusual(text.normalize('NFC')) : refuse(problem);
}

/** Returns the part after the `@`: a domain in A-labels, or an address literal with its brackets. */
export function domainOf(address: Address): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

/** Returns the part before the `@`, with its quotes if it has any. */
export function localPartOf(address: Address): string {
  return address.slice(0, address.lastIndexOf('@'));
}

/** Returns true if the local part is not ASCII: only a server that offers SMTPUTF8 can take the address. */
export function needsSmtputf8(address: Address): boolean {
  return NON_ASCII.test(address);
}

function problemAnywhere(text: string): string | undefined {
  if (text === '') return 'the address is empty';
  // The canonical form drops backslashes and counts UTF-8 octets. It is never shorter than half the UTF-16 length.
  if (text.length > 2 * MAX_ADDRESS_OCTETS) return tooLong;
  if (hasControl(text)) return 'the address contains a control character';
  if (/[<>]/.test(text)) return 'the address contains an angle bracket';
  if (ENCODED_WORD.test(text)) return 'the address contains an encoded word';
  return undefined;
}

function parseUnusual(text: string): Parsed<Address> {
  const at = endOfLocalPart(text);
  if (at === undefined)
    return refuse('the quotes before the @ are not closed, or there is text between them and the @');
  if (at === -1) return refuse('the address has no @');
  const local = parseLocalPart(text.slice(0, at));
  if (!local.ok) return local;
  const domain = parseDestination(text.slice(at + 1));
  if (!domain.ok) return domain;
  const address = `${local.value}@${domain.value}`;
  return Buffer.byteLength(address) > MAX_ADDRESS_OCTETS ? refuse(tooLong) : accept(address as Address);
}

function endOfLocalPart(text: string): number | undefined {
  return text.startsWith('"') ? QUOTED_STRING.exec(text)?.[0].length : text.indexOf('@');
}

function parseLocalPart(text: string): Parsed<string> {
  if (INVISIBLE.test(text))
    return refuse(
      'the part before the @ contains an invisible character or starts with a combining character',
    );
  const local = text.startsWith('"') ? accept(requote(text)) : checkDotAtom(text);
  if (local.ok && Buffer.byteLength(local.value) > MAX_LOCAL_PART_OCTETS)
    return refuse(`the part before the @ is longer than ${MAX_LOCAL_PART_OCTETS} octets`);
  return local;
}

// RFC 5321 4.1.2: unnecessary quotes and backslashes have no meaning and should not be sent.
function requote(quoted: string): string {
  const content = quoted.slice(1, -1).replace(/\\(.)/g, '$1');
  return DOT_ATOM.test(content) ? content : `"${content.replace(/["\\]/g, '\\$&')}"`;
}

function checkDotAtom(text: string): Parsed<string> {
  if (DOT_ATOM.test(text)) return accept(text);
  if (text === '') return refuse('the part before the @ is empty');
  const foreign = NOT_ATOM_NOR_DOT.exec(text)?.[0];
  if (foreign === undefined)
    return refuse('the part before the @ has a dot at its start, at its end, or next to another dot');
  return refuse(`the part before the @ contains ${JSON.stringify(foreign)}, which must be quoted there`);
}

function parseDestination(text: string): Parsed<string> {
  if (text === '') return refuse('the part after the @ is empty');
  return text.startsWith('[') ? parseAddressLiteral(text) : parseDomain(text);
}

const tooLong = `the address is longer than ${MAX_ADDRESS_OCTETS} octets`;
