import { createDialer, type Dial } from './dial.ts';
import { isInternalAddress } from './internal-addresses.ts';
import { type Resolve, resolveHost } from './resolve.ts';

/** The host is an internal address, or resolves to one, and callers may not make the gate connect to it. */
export class TargetRefusedError extends Error {
  constructor() {
    super('connections to this host are not allowed');
    this.name = 'TargetRefusedError';
  }
}

export interface GuardOptions {
  /** Returns true for internal hosts that the operator allows. Called with the host as given and with each address. */
  readonly allows: (hostOrAddress: string) => boolean;
  /** Absent: the resolver of the operating system. */
  readonly resolve?: Resolve;
}

/**
 * Creates a resolver for hosts that callers name, as a protection against SSRF. It resolves a host once and checks the
 * addresses, never the text. One internal address refuses the host, and TargetRefusedError reveals neither which nor why.
 *
 * The gate never connects to a refused host, so neither an error text nor a delay reveals what listens there.
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
 * Creates a dialer for hosts that callers name. It connects only to the addresses that were checked, so that a name
 * cannot resolve to another address after the check (DNS rebinding). A refused host fails in phase `dns`. TLS still uses
 * the host as given for SNI and for the name in the certificate.
 */
export function createGuardedDialer(options: GuardOptions): Dial {
  return createDialer(createGuardedResolve(options));
}
