import ipaddr from 'ipaddr.js';

/** Returns true if a host name or address matches a list of names, addresses, CIDR ranges and `*`. It resolves no names. */
export function isListedHost(list: readonly string[], host: string): boolean {
  const name = host.toLowerCase();
  return list.some(entry => entry === '*' || entry.toLowerCase() === name || isInRange(entry, name));
}

/** Returns an error text unless the entry is an address or a CIDR range. */
export function checkRange(entry: string): string | undefined {
  return parseRange(entry) === undefined
    ? `must contain only addresses and CIDR ranges, found ${JSON.stringify(entry)}`
    : undefined;
}

function isInRange(entry: string, host: string): boolean {
  if (!ipaddr.isValid(host)) return false;
  const [address, range] = [ipaddr.process(host), parseRange(entry)];
  return range !== undefined && address.kind() === range[0].kind() && address.match(range);
}

function parseRange(entry: string): [ipaddr.IPv4 | ipaddr.IPv6, number] | undefined {
  if (ipaddr.isValidCIDR(entry)) return ipaddr.parseCIDR(entry);
  if (!ipaddr.isValid(entry)) return undefined;
  const address = ipaddr.process(entry);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}
