import ipaddr from 'ipaddr.js';

/**
 * Addresses that are not reachable from the whole Internet: all such blocks of the special-purpose registries (RFC 6890),
 * and the metadata addresses of clouds. Callers must not make the gate connect to them.
 */
const INTERNAL_IPV4 = rangesOf([
  '0.0.0.0/8', // unspecified, "this network"
  '10.0.0.0/8', // private (RFC 1918)
  '100.64.0.0/10', // carrier-grade NAT (RFC 6598); a cloud's metadata is at 100.100.100.200
  '127.0.0.0/8', // loopback
  '168.63.129.16/32', // host agent of a cloud, at an address that looks public
  '169.254.0.0/16', // link-local; most clouds' metadata is at 169.254.169.254
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments (RFC 6890)
  '192.0.2.0/24', // documentation (RFC 5737)
  '192.31.196.0/24', // AS112 (RFC 7535)
  '192.52.193.0/24', // AMT (RFC 7450)
  '192.88.99.0/24', // 6to4 relays (RFC 7526)
  '192.168.0.0/16', // private
  '192.175.48.0/24', // AS112 (RFC 7534)
  '198.18.0.0/15', // benchmarks (RFC 2544)
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and broadcast
]);

/** RFC 4291 2.4: all global addresses of today are in 2000::/3. Loopback, ULA, link-local and multicast are outside it. */
const GLOBAL_IPV6 = rangesOf(['2000::/3']);

/** Blocks of 2000::/3 that are not global. */
const INTERNAL_IPV6 = rangesOf([
  '2001::/23', // protocol assignments, with Teredo 2001::/32, which embeds IPv4 (RFC 4380), and benchmarks
  '2001:db8::/32', // documentation (RFC 3849)
  '2002::/16', // 6to4 embeds IPv4 (RFC 3056)
  '2620:4f:8000::/48', // AS112
  '3fff::/20', // documentation (RFC 9637)
]);

/** Prefixes whose last 32 bits are the IPv4 address that counts: mapped addresses, and NAT64 (RFC 6052). */
const EMBEDDING_IPV6 = rangesOf(['::ffff:0:0/96', '64:ff9b::/96']);

const LOOPBACK = rangesOf(['127.0.0.0/8', '::1/128']);

/** Returns true for an address, in any form, that only this machine or its networks can reach, and for invalid text. */
export function isInternalAddress(address: string): boolean {
  const parsed = parse(address);
  if (parsed === undefined) return true;
  if (parsed.kind() === 'ipv4') return isIn(INTERNAL_IPV4, parsed);
  return !isIn(GLOBAL_IPV6, parsed) || isIn(INTERNAL_IPV6, parsed);
}

/** Returns true for a loopback address. */
export function isLoopbackAddress(address: string): boolean {
  const parsed = parse(address);
  return parsed !== undefined && isIn(LOOPBACK, parsed);
}

/** Parses an address. A form that embeds an IPv4 address gives the IPv4 address. */
function parse(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  if (!ipaddr.IPv4.isValidFourPartDecimal(text) && !ipaddr.IPv6.isValid(text)) return undefined;
  const address = ipaddr.parse(text.includes(':') ? withoutDots(text) : text);
  if (address.kind() === 'ipv4' || !isIn(EMBEDDING_IPV6, address)) return address;
  return ipaddr.fromByteArray(address.toByteArray().slice(-4));
}

/** ipaddr.js reads the obsolete form `::192.0.2.1` as a mapped address. Hexadecimal groups are not ambiguous. */
function withoutDots(ipv6: string): string {
  return ipv6.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)/, (_, ...octets: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = octets.slice(0, 4).map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
}

function isIn(ranges: readonly Range[], address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return ranges.some(range => range[0].kind() === address.kind() && address.match(range));
}

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

function rangesOf(texts: readonly string[]): readonly Range[] {
  return texts.map(text => ipaddr.parseCIDR(text));
}
