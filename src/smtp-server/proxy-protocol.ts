import { once } from 'node:events';
import type { Socket } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Maximum octets of a line of PROXY protocol version 1, including CRLF. */
const LONGEST_LINE = 107;
const LINE = /^PROXY (?:UNKNOWN(?: .*)?|(TCP4|TCP6) ([0-9A-Fa-f.:]+) [0-9A-Fa-f.:]+ \d{1,5} \d{1,5})\r\n$/;

/** The client that a proxy names; undefined: the proxy speaks for itself or for an unknown client. */
export interface Proxied {
  readonly client: string | undefined;
}

/**
 * Reads the first line of a connection from a proxy (PROXY protocol, version 1) and leaves the rest on the socket. Returns
 * undefined when no such line arrives in time: the client is then unknown.
 */
export async function readProxyLine(socket: Socket, timeoutMs: number): Promise<Proxied | undefined> {
  const signal = AbortSignal.timeout(timeoutMs);
  let received = Buffer.alloc(0);
  while (!received.includes('\n') && received.length < LONGEST_LINE) {
    const chunk: Buffer | null = socket.read();
    if (chunk !== null) received = Buffer.concat([received, chunk]);
    else if (!(await waitForData(socket, signal))) return undefined;
  }
  const end = received.indexOf('\n') + 1;
  if (end < received.length) socket.unshift(received.subarray(end));
  return parseProxyLine(received.subarray(0, end).toString('latin1'));
}

/** Parses a complete line; undefined when it is invalid. */
export function parseProxyLine(line: string): Proxied | undefined {
  const match = line.length > LONGEST_LINE ? null : LINE.exec(line);
  if (match === null) return undefined;
  const [, family, address = ''] = match;
  if (family === undefined) return { client: undefined };
  const isGood =
    family === 'TCP4' ? ipaddr.IPv4.isValidFourPartDecimal(address) : ipaddr.IPv6.isValid(address);
  return isGood ? { client: ipaddr.process(address).toString() } : undefined;
}

/** Returns true when more data has arrived. */
async function waitForData(socket: Socket, signal: AbortSignal): Promise<boolean> {
  if (socket.destroyed || socket.readableEnded) return false;
  try {
    await once(socket, 'readable', { signal });
    return socket.readableLength > 0;
  } catch {
    return false;
  }
}
