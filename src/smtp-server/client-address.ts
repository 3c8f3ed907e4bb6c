import ipaddr from 'ipaddr.js';

/** The address of a connection in its usual form: IPv4 that came through a socket for IPv6 is IPv4. */
export function clientAddress(remote: string | undefined): string {
  return remote !== undefined && ipaddr.isValid(remote) ? ipaddr.process(remote).toString() : '';
}

/** Whether it is this machine that talks to itself. */
export function isLoopback(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback';
}

/** As an address literal, RFC 5321 4.1.3. */
export function addressLiteral(address: string): string {
  return address.includes(':') ? `[IPv6:${address}]` : `[${address}]`;
}
