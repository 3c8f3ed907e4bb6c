import { createDialer, type Dial } from './dial.ts';
import { isInternalAddress } from './internal-addresses.ts';
import { type Resolve, resolveHost } from './resolve.ts';

/** The host is, or leads to, an address that strangers may not make us talk to. */
export class TargetRefusedError extends Error {
  constructor() {
    super('the host is not one that may be reached from here');
    this.name = 'TargetRefusedError';
  }
}

export interface GuardOptions {
  /** What the operator lets strangers reach although it is internal; asked with the host as given and with each address. */
  readonly allows: (hostOrAddress: string) => boolean;
  /** Absent: the operating system's. */
  readonly resolve?: Resolve;
}

/**
 * A resolver for hosts that strangers name (SSRF). It asks once and judges what was resolved, never the text: one
 * internal address among the answers refuses the host, with a TargetRefusedError that says neither which nor why.
 *
 * No connection is tried to a refused host, so what listens there shows neither in words nor in time.
 */
export function createGuardedResolve({ allows, resolve = resolveHost }: GuardOptions): Resolve {
  return async host => {
    const addresses = await resolve(host);
    if (allows(host)) return addresses;
    const mayReach = (address: string): boolean => !isInternalAddress(address) || allows(address);
    if (!addresses.every(mayReach)) throw new TargetRefusedError();
    return addresses;
  };
}

/**
 * A dialer for hosts that strangers name: it connects to nothing but the addresses that were checked, so that a name
 * cannot mean one thing to the check and another to the connection (DNS rebinding). A refused host fails in phase
 * `dns`. SNI and the name in the certificate are the caller's business, and stay the host as given.
 */
export function createGuardedDialer(options: GuardOptions): Dial {
  return createDialer(createGuardedResolve(options));
}
