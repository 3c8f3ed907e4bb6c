import { domainToASCII, domainToUnicode } from 'node:url';
import { accept, type Parsed, refuse } from './parsed.ts';

/** RFC 1035 2.3.4: 255 octets with the length octets, so 253 as text. */
const MAX_DOMAIN_OCTETS = 253;

// RFC 5321 4.1.2 Domain: labels of letters, digits and inner hyphens, at most 63 octets each, here in lower case.
const HOST_NAME = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.(?!$)|$))+$/;
// RFC 3696 2: no top-level domain is a number, so this is an IP address without brackets.
const ENDS_IN_NUMBER = /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/;
const NON_ASCII = /[\u0080-\uffff]/;
const FOREIGN_TO_HOST_NAMES = /[^a-z0-9.\u0080-\uffff-]/i;

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4_LITERAL = new RegExp(`^\\[${OCTET}(?:\\.${OCTET}){3}\\]$`);
const IPV6_LITERAL = /^\[IPv6:([0-9a-f:.]{2,45})\]$/i;

/**
 * Parses a domain name and returns it in lower-case A-labels. An internationalised name must have the spelling of its
 * registration (U-labels, in any case). Characters that IDNA maps or drops silently, such as full-width letters, are
 * refused. One label is enough (`localhost`). A dot at the end and names that end in a number are refused.
 */
export function parseDomain(text: string): Parsed<string> {
  if (text.length > 2 * MAX_DOMAIN_OCTETS) return tooLong;
  const ascii = NON_ASCII.test(text) ? toALabels(text.normalize('NFC')) : text.toLowerCase();
  if (ascii === undefined) return refuse('the domain is not a valid internationalised name');
  if (ascii.length > MAX_DOMAIN_OCTETS) return tooLong;
  if (!HOST_NAME.test(ascii)) return notHostName;
  if (ENDS_IN_NUMBER.test(ascii))
    return refuse('the domain ends in a number; an IP address must be in square brackets');
  return accept(ascii);
}

/**
 * Parses an address literal (RFC 5321 4.1.3) with its brackets, `[192.0.2.1]` or `[IPv6:2001:db8::1]`. It returns the
 * canonical form: IPv4 as four decimal numbers, IPv6 shortened and in lower case.
 */
export function parseAddressLiteral(text: string): Parsed<string> {
  if (IPV4_LITERAL.test(text)) return accept(text);
  const ipv6 = IPV6_LITERAL.exec(text)?.[1];
  // The host parser of the URL standard reads IPv6. It returns '' for an invalid address.
  const canonical = ipv6 === undefined ? '' : domainToASCII(`[${ipv6}]`);
  if (canonical !== '') return accept(`[IPv6:${canonical.slice(1)}`);
  return refuse('the address literal must be [IPv4 address] or [IPv6:address]');
}

const tooLong = refuse(`the domain is longer than ${MAX_DOMAIN_OCTETS} octets`);
const notHostName = refuse(
  'the domain must be labels of letters, digits and inner hyphens, at most 63 long, with single dots between',
);

function toALabels(name: string): string | undefined {
  // domainToASCII parses its input as the host of a URL: it decodes %40, drops tabs, and stops at / : ? # and @.
  if (FOREIGN_TO_HOST_NAMES.test(name)) return undefined;
  const ascii = domainToASCII(name);
  return isSpelledAsRegistered(name, domainToUnicode(ascii)) ? ascii : undefined;
}

function isSpelledAsRegistered(name: string, registered: string): boolean {
  const labels = registered.split('.');
  const given = name.split('.');
  return (
    given.length === labels.length &&
    given.every((label, i) => /^xn--/i.test(label) || toLowerCaseByCharacter(label) === labels[i])
  );
}

// Character by character: toLowerCase changes a Σ at the end of a word to ς, and IDNA changes it to σ.
function toLowerCaseByCharacter(label: string): string {
  return Array.from(label, character => character.toLowerCase())
    .join('')
    .normalize('NFC');
}
