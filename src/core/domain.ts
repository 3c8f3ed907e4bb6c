import { domainToASCII, domainToUnicode } from 'node:url';
import { accept, type Parsed, refuse } from './parsed.ts';

/** RFC 1035 2.3.4: 255 octets with the length bytes, which leaves 253 as text. */
const MAX_DOMAIN_OCTETS = 253;

// RFC 5321 4.1.2 Domain: labels of letters, digits and inner hyphens, at most 63 octets each, here in lower case.
const HOST_NAME = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.(?!$)|$))+$/;
// RFC 3696 2: no top-level domain is a number, so this is an IP address that has lost its brackets.
const ENDS_IN_NUMBER = /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/;
const NON_ASCII = /[\u0080-\uffff]/;
const FOREIGN_TO_HOST_NAMES = /[^a-z0-9.\u0080-\uffff-]/i;

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4_LITERAL = new RegExp(`^\\[${OCTET}(?:\\.${OCTET}){3}\\]$`);
const IPV6_LITERAL = /^\[IPv6:([0-9a-f:.]{2,45})\]$/i;

/**
 * Reads a domain name and gives it in lower-case A-labels. A name in another script must be spelled as it is registered
 * (its U-labels; capitals are fine): what IDNA would map or drop silently, as full-width letters, is refused. One label
 * is enough (`localhost`); a dot at the end and names that end in a number are refused.
 */
export function parseDomain(text: string): Parsed<string> {
  if (text.length > 2 * MAX_DOMAIN_OCTETS) return tooLong;
  const ascii = NON_ASCII.test(text) ? toALabels(text.normalize('NFC')) : text.toLowerCase();
  if (ascii === undefined) return refuse('the domain is not a valid internationalised name');
  if (ascii.length > MAX_DOMAIN_OCTETS) return tooLong;
  if (!HOST_NAME.test(ascii)) return notHostName;
  if (ENDS_IN_NUMBER.test(ascii))
    return refuse('the domain ends in a number; an IP address must stand in square brackets');
  return accept(ascii);
}

/**
 * Reads an RFC 5321 4.1.3 address literal with its brackets, `[192.0.2.1]` or `[IPv6:2001:db8::1]`, and gives the one
 * way to write it: IPv4 as four plain decimals, IPv6 short and in lower case.
 */
export function parseAddressLiteral(text: string): Parsed<string> {
  if (IPV4_LITERAL.test(text)) return accept(text);
  const ipv6 = IPV6_LITERAL.exec(text)?.[1];
  // The URL standard's host parser knows IPv6; it gives '' for what is none.
  const canonical = ipv6 === undefined ? '' : domainToASCII(`[${ipv6}]`);
  if (canonical !== '') return accept(`[IPv6:${canonical.slice(1)}`);
  return refuse('the address literal must be [IPv4 address] or [IPv6:address]');
}

const tooLong = refuse(`the domain is longer than ${MAX_DOMAIN_OCTETS} octets`);
const notHostName = refuse(
  'the domain must be labels of letters, digits and inner hyphens, at most 63 long, with single dots between',
);

function toALabels(name: string): string | undefined {
  // domainToASCII reads its input as the host of a URL: it decodes %40, drops tabs and stops at / : ? # and @.
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

// Character by character, because the lower case of a Σ at the end of a word is another letter than IDNA's.
function toLowerCaseByCharacter(label: string): string {
  return Array.from(label, character => character.toLowerCase())
    .join('')
    .normalize('NFC');
}
