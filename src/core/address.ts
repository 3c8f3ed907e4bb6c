import { hasControl } from './control-characters.ts';
import { parseAddressLiteral, parseDomain } from './domain.ts';
import { accept, type Parsed, refuse } from './parsed.ts';

declare const brand: unique symbol;

/**
 * A checked mail address, `local@domain`, in the one form that policy compares and MAIL and RCPT carry: the domain in
 * lower-case A-labels (or an address literal), the local part in the caller's capitals and in NFC, quoted only where
 * RFC 5321 needs it. Free of controls, `<`, `>` and unquoted spaces; at most 254 octets, 64 of them before the `@`.
 */
export type Address = string & { readonly [brand]: 'Address' };

/** A mailbox as a header shows it: an optional display name (decoded Unicode, no controls) and an address. */
export interface Mailbox {
  readonly name?: string;
  readonly address: Address;
}

/** RFC 5321 4.5.3.1.1. */
const MAX_LOCAL_PART_OCTETS = 64;
/** RFC 5321 4.5.3.1.3 with erratum 1690: a path of 256 octets less its angle brackets. */
export const MAX_ADDRESS_OCTETS = 254;

const ATEXT = "\\w!#$%&'*+\\-/=?^`{|}~";
const LABEL_REST = '(?:[a-z0-9-]{0,61}[a-z0-9])?';
// Nearly every address there is, and already canonical: ASCII dot-atom, lower-case domain that does not end in a number.
const USUAL = new RegExp(`^[${ATEXT}]+(?:\\.[${ATEXT}]+)*@(?:[a-z0-9]${LABEL_REST}\\.)*[a-z]${LABEL_REST}$`);
// RFC 6531 3.3 lets any UTF-8 beyond ASCII stand where an atom or quoted text does.
const DOT_ATOM = new RegExp(`^[${ATEXT}\\u0080-\\uffff]+(?:\\.[${ATEXT}\\u0080-\\uffff]+)*$`);
const NOT_ATOM_NOR_DOT = new RegExp(`[^${ATEXT}.\\u0080-\\uffff]`);
const QUOTED_STRING = /^"(?:[^"\\]|\\[ -~])*"(?=@)/;
/** RFC 2047 5 has no place for one in an address; programs that decode it all the same would see another address. */
const ENCODED_WORD = /=\?[^?]*\?[bq]\?[^?]*\?=/i;
const NON_ASCII = /[\u0080-\uffff]/;
// Spaces, invisible format characters (joiners are letters' business in some scripts), what a failed decoding leaves,
// and a combining mark at the start, which would melt into the `<` before it when somebody normalises.
const UNSEEN = /^"?\p{M}|(?! |\u200c|\u200d)[\p{Z}\p{Cf}\ufffd]/u;

/**
 * Reads an address strictly, RFC 5321 4.1.2 as widened by RFC 6531: no comments, no folding, nothing around it. Accepted
 * text comes back in its canonical form, which reads as itself again.
 */
export function parseAddress(text: string): Parsed<Address> {
  const isUsual =
    text.length <= MAX_ADDRESS_OCTETS && USUAL.test(text) && text.indexOf('@') <= MAX_LOCAL_PART_OCTETS;
  if (isUsual && !text.includes('=?')) return accept(text as Address);
  const problem = problemAnywhere(text);
  return problem === undefined ? parseUnusual(text.normalize('NFC')) : refuse(problem);
}

/** The part after the `@`: a domain in A-labels, or an address literal in its brackets. */
export function domainOf(address: Address): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

/** The part before the `@`, with its quotes when it has any. */
export function localPartOf(address: Address): string {
  return address.slice(0, address.lastIndexOf('@'));
}

/** Whether only a server that offers SMTPUTF8 can take the address: its local part is not ASCII. */
export function needsSmtputf8(address: Address): boolean {
  return NON_ASCII.test(address);
}

function problemAnywhere(text: string): string | undefined {
  if (text === '') return 'the address is empty';
  // The canonical form can be shorter, by backslashes and where UTF-16 counts double, but never below the half.
  if (text.length > 2 * MAX_ADDRESS_OCTETS) return tooLong;
  if (hasControl(text)) return 'the address contains a control character';
  if (/[<>]/.test(text)) return 'the address contains an angle bracket';
  if (ENCODED_WORD.test(text)) return 'the address contains an encoded word';
  return undefined;
}

function parseUnusual(text: string): Parsed<Address> {
  const at = endOfLocalPart(text);
  if (at === undefined)
    return refuse('the quotes before the @ are not closed, or something stands between them and the @');
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
  if (UNSEEN.test(text))
    return refuse('the part before the @ contains an invisible character or begins with a combining one');
  const local = text.startsWith('"') ? accept(requote(text)) : checkDotAtom(text);
  if (local.ok && Buffer.byteLength(local.value) > MAX_LOCAL_PART_OCTETS)
    return refuse(`the part before the @ is longer than ${MAX_LOCAL_PART_OCTETS} octets`);
  return local;
}

// RFC 5321 4.1.2: the quotes and backslashes that are not needed mean nothing, and should not be sent.
function requote(quoted: string): string {
  const content = quoted.slice(1, -1).replace(/\\(.)/g, '$1');
  return DOT_ATOM.test(content) ? content : `"${content.replace(/["\\]/g, '\\$&')}"`;
}

function checkDotAtom(text: string): Parsed<string> {
  if (DOT_ATOM.test(text)) return accept(text);
  if (text === '') return refuse('nothing stands before the @');
  const foreign = NOT_ATOM_NOR_DOT.exec(text)?.[0];
  if (foreign === undefined)
    return refuse('a dot before the @ must stand between two characters, not next to another dot');
  return refuse(`the part before the @ contains ${JSON.stringify(foreign)}, which must be quoted there`);
}

function parseDestination(text: string): Parsed<string> {
  if (text === '') return refuse('nothing stands after the @');
  return text.startsWith('[') ? parseAddressLiteral(text) : parseDomain(text);
}

const tooLong = `the address is longer than ${MAX_ADDRESS_OCTETS} octets`;
