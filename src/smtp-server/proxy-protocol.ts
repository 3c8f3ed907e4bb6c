import { once } from 'node:events';
import type { Socket } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Of the PROXY protocol's version 1, with its CRLF. */
const LONGEST_LINE = 107;
const LINE = /^PROXY (?:UNKNOWN(?: .*)?|(TCP4|TCP6) ([0-9A-Fa-f.:]+) [0-9A-Fa-f.:]+ \d{1,5} \d{1,5})\r\n$/;

/** Who a proxy speaks for; undefined: for itself, or for somebody it does not know. */
export interface Proxied {
  readonly client: string | undefined;
}

/**
 * Reads the line that a proxy says before anything else (PROXY protocol, version 1) and leaves what follows it on the
 * socket. Undefined when no such line comes in time: nothing is to be believed then.
 */
export async function readProxyLine(socket: Socket, timeoutMs: number): Promise<Proxied | undefined> {
  const signal = AbortSignal.timeout(timeoutMs);
  let heard = Buffer.alloc(0);
  while (!heard.includes('\n') && heard.length < LONGEST_LINE) {
    const chunk: Buffer | null = socket.read();
    if (chunk !== null) heard = Buffer.concat([heard, chunk]);
    else if (!(await moves(socket, signal))) return undefined;
  }
  const end = heard.indexOf('\n') + 1;
  if (end < heard.length) socket.unshift(heard.subarray(end));
  return parseProxyLine(heard.subarray(0, end).toString('latin1'));
}

/** What a whole line says; undefined when it is none. */
export function parseProxyLine(line: string): Proxied | undefined {
  const match = line.length > LONGEST_LINE ? null : LINE.exec(line);
  if (match === null) return undefined;
  const [, family, address = ''] = match;
  if (family === undefined) return { client: undefined };
  const isGood =
    family === 'TCP4' ? ipaddr.IPv4.isValidFourPartDecimal(address) : ipaddr.IPv6.isValid(address);
  return isGood ? { client: ipaddr.process(address).toString() } : undefined;
}

/** Whether something more has come. */
async function moves(socket: Socket, signal: AbortSignal): Promise<boolean> {
  if (socket.destroyed || socket.readableEnded) return false;
  try {
    await once(socket, 'readable', { signal });
    return socket.readableLength > 0;
  } catch {
    return false;
  }
}
