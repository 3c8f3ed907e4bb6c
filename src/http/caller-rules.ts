import ipaddr from 'ipaddr.js';

/** Configured rules about the networks of callers; docs/configuration.md explains them. */
export interface AccessRules {
  /** Addresses or CIDR ranges of clients that need no key. */
  readonly trustedNetworks: readonly string[];
  /** Addresses or CIDR ranges of the operator's own reverse proxies. The gate believes their forwarding headers. */
  readonly trustedProxies: readonly string[];
  /** Host names of the gate, without port. Loopback names need not be listed. */
  readonly hosts: readonly string[];
}

/** The facts about a caller that need no credential. */
export interface CallerFacts {
  /** Address of the TCP peer; '' when unknown. */
  readonly peer: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

export interface CallerRules {
  /** Returns true if a request without a credential may be admitted (docs/decisions/19-keyless-access.md). */
  isKeyless(facts: CallerFacts): boolean;
  /** Returns the address to count and to log: the forwarded one if a trusted proxy names it, else the peer. */
  clientAddress(facts: CallerFacts): string;
  /** Returns true if a trusted proxy says that the client uses TLS. The gate itself does not serve HTTPS. */
  isSecure(facts: CallerFacts): boolean;
}

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

const FORWARDING = ['x-forwarded-for', 'forwarded', 'x-real-ip'] as const;

/** @throws for the first range that is not an address or a CIDR range. */
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
      // Every header must name a trusted client: a proxy sets one of them, and passes on the others as the caller sent them.
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

/** A page of another site can make a browser send a request to the gate. Browsers then set these two headers. */
function isSameSite(headers: CallerFacts['headers']): boolean {
  const site = headers['sec-fetch-site'];
  return headers['origin'] === undefined && (site === undefined || site === 'same-origin' || site === 'none');
}

/** An unknown name may be a foreign name that resolves to this machine (DNS rebinding). */
function isOwnHost(header: string | undefined, hosts: ReadonlySet<string>): boolean {
  if (header === undefined) return false;
  const name = /^(\[[^\]]*\]|[^:]*)(?::\d*)?$/.exec(header.toLowerCase())?.[1];
  if (name === undefined) return false;
  if (name === 'localhost' || hosts.has(name)) return true;
  const literal = name.startsWith('[') ? name.slice(1, -1) : name;
  // Only the standard forms: browsers convert `127.1` and `0x7f.0.0.1` before they send them.
  return (
    (ipaddr.IPv4.isValidFourPartDecimal(literal) || ipaddr.IPv6.isValid(literal)) &&
    ipaddr.process(literal).range() === 'loopback'
  );
}

function isForwarded(headers: CallerFacts['headers']): boolean {
  return headers['via'] !== undefined || FORWARDING.some(name => headers[name] !== undefined);
}

/** Returns the protocol between the client and the nearest proxy. */
function protocolOf(headers: CallerFacts['headers']): string | undefined {
  const plain = headers['x-forwarded-proto']?.split(',').at(-1);
  const standard = headers['forwarded']?.split(',').at(-1);
  return (plain ?? /(?:^|;)\s*proto="?([a-z]+)/i.exec(standard?.trim() ?? '')?.[1])?.trim().toLowerCase();
}

/** Returns the addresses in a forwarding header. The last one is nearest to the gate. */
function hopsOf(name: (typeof FORWARDING)[number], value: string): string[] {
  const items = value.split(',');
  if (name !== 'forwarded') return items.map(withoutPort);
  // RFC 7239 4: one element for each hop. Its parameter `for` is the client of that hop.
  return items.map(item => withoutPort(/(?:^|;)\s*for=("?)([^";]*)\1/i.exec(item.trim())?.[2] ?? ''));
}

function withoutPort(text: string): string {
  const hop = text.trim();
  return /^\[([^\]]*)\](?::\d+)?$/.exec(hop)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(hop)?.[1] ?? hop;
}

/** Returns the first address outside the trusted proxies, counted from the gate: that is the client. */
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
