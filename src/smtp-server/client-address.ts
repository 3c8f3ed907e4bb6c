import ipaddr from 'ipaddr.js';

/** Returns the address of a connection. An IPv4 address that arrived through an IPv6 socket is written as IPv4. */
export function clientAddress(remote: string | undefined): string {
  return remote !== undefined && ipaddr.isValid(remote) ? ipaddr.process(remote).toString() : '';
}

/** Returns true for a loopback address: the client runs on this machine. */
export function isLoopback(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback';
}

/** Writes an address as an address literal, RFC 5321 4.1.3. */
export function addressLiteral(address: string): string {
  return address.includes(':') ? `[IPv6:${address}]` : `[${address}]`;
}
