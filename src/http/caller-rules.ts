import ipaddr from 'ipaddr.js';

/** What the operator says about who stands where; see docs of the configuration. */
export interface AccessRules {
  /** Addresses or CIDR ranges of clients that need no key. */
  readonly trustedNetworks: readonly string[];
  /** Addresses or CIDR ranges of the operator's own reverse proxies, whose forwarding headers are believed. */
  readonly trustedProxies: readonly string[];
  /** Host names, without port, under which the gate is reached; loopback names need not be listed. */
  readonly hosts: readonly string[];
}

/** What is known of a caller before any credential. */
export interface CallerFacts {
  /** Address of the other end of the connection; '' when unknown. */
  readonly peer: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** Answers questions about callers by the rules. */
export interface CallerRules {
  /** Whether a request without a credential may act at all (docs/decisions/19-keyless-access.md). */
  isKeyless(facts: CallerFacts): boolean;
  /** The address to count and to log: the forwarded one where a trusted proxy names it, else the peer. */
  clientAddress(facts: CallerFacts): string;
  /** Whether the client speaks TLS, as a trusted proxy says: the gate itself never does. */
  isSecure(facts: CallerFacts): boolean;
}

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

const FORWARDING = ['x-forwarded-for', 'forwarded', 'x-real-ip'] as const;

/** Compiles the rules; throws a sentence about the first range that is none. */
export function createCallerRules(rules: AccessRules): CallerRules {
  const networks = rules.trustedNetworks.map(parseRange);
  const proxies = rules.trustedProxies.map(parseRange);
  const hosts = new Set(rules.hosts.map(host => host.toLowerCase()));

  const clientsOf = ({ peer, headers }: CallerFacts): string[] =>
    FORWARDING.flatMap(name => {
      const value = headers[name];
      return value === undefined ? [] : [firstOutside(proxies, hopsOf(name, value), peer)];
    });

  return {
    isKeyless(facts) {
      const { peer, headers } = facts;
      if (!isSameSite(headers) || !isOwnHost(headers['host'], hosts)) return false;
      if (!isForwarded(headers)) return isIn(networks, peer);
      // Every header must name a trusted client: a proxy sets one of them, and passes the caller's own others through.
      const clients = clientsOf(facts);
      return isIn(proxies, peer) && clients.length > 0 && clients.every(client => isIn(networks, client));
    },
    clientAddress(facts) {
      if (!isForwarded(facts.headers) || !isIn(proxies, facts.peer)) return facts.peer;
      const client = clientsOf(facts)[0];
      return client !== undefined && ipaddr.isValid(client) ? client : facts.peer;
    },
    isSecure: ({ peer, headers }) => isIn(proxies, peer) && protocolOf(headers) === 'https',
  };
}

/** A page of another site can make a browser call us; browsers say so in these two. */
function isSameSite(headers: CallerFacts['headers']): boolean {
  const site = headers['sec-fetch-site'];
  return headers['origin'] === undefined && (site === undefined || site === 'same-origin' || site === 'none');
}

/** A name we do not go by is a foreign name that resolves to us (DNS rebinding). */
function isOwnHost(header: string | undefined, hosts: ReadonlySet<string>): boolean {
  if (header === undefined) return false;
  const name = /^(\[[^\]]*\]|[^:]*)(?::\d*)?$/.exec(header.toLowerCase())?.[1];
  if (name === undefined) return false;
  if (name === 'localhost' || hosts.has(name)) return true;
  const literal = name.startsWith('[') ? name.slice(1, -1) : name;
  // Only the plain forms: `127.1` and `0x7f.0.0.1` are names a browser never sends.
  return (
    (ipaddr.IPv4.isValidFourPartDecimal(literal) || ipaddr.IPv6.isValid(literal)) &&
    ipaddr.process(literal).range() === 'loopback'
  );
}

function isForwarded(headers: CallerFacts['headers']): boolean {
  return headers['via'] !== undefined || FORWARDING.some(name => headers[name] !== undefined);
}

/** What the nearest proxy says it was asked by. */
function protocolOf(headers: CallerFacts['headers']): string | undefined {
  const plain = headers['x-forwarded-proto']?.split(',').at(-1);
  const standard = headers['forwarded']?.split(',').at(-1);
  return (plain ?? /(?:^|;)\s*proto="?([a-z]+)/i.exec(standard?.trim() ?? '')?.[1])?.trim().toLowerCase();
}

/** The addresses a forwarding header names, nearest to us last. */
function hopsOf(name: (typeof FORWARDING)[number], value: string): string[] {
  const items = value.split(',');
  if (name !== 'forwarded') return items.map(withoutPort);
  // RFC 7239 4: one element per hop, of which `for` names the client.
  return items.map(item => withoutPort(/(?:^|;)\s*for=("?)([^";]*)\1/i.exec(item.trim())?.[2] ?? ''));
}

function withoutPort(text: string): string {
  const hop = text.trim();
  return /^\[([^\]]*)\](?::\d+)?$/.exec(hop)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(hop)?.[1] ?? hop;
}

/** Walks from the nearest hop outwards past our own proxies; the first stranger is the client. */
function firstOutside(proxies: readonly Range[], hops: readonly string[], peer: string): string {
  return hops.findLast(hop => !isIn(proxies, hop)) ?? hops[0] ?? peer;
}

function isIn(ranges: readonly Range[], text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text);
  return ranges.some(range => range[0].kind() === address.kind() && address.match(range));
}

function parseRange(text: string): Range {
  try {
    if (text.includes('/')) return ipaddr.parseCIDR(text);
    const address = ipaddr.process(text);
    return [address, address.kind() === 'ipv4' ? 32 : 128];
  } catch {
    throw new Error(`"${text}" is neither an address nor a CIDR range`);
  }
}
