import type { Socket } from 'node:net';
import { connectFirst } from './connect.ts';
import { errorText } from './error-text.ts';
import { type Resolve, resolveHost } from './resolve.ts';

export interface DialRequest {
  /** Host name (A-labels) or IP address. */
  readonly host: string;
  readonly port: number;
  readonly dnsTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly signal: AbortSignal;
  /** Called with the addresses before the first one is tried. */
  readonly onResolved?: (addresses: readonly string[]) => void;
}

/** An open TCP connection to `address`, or the stage that failed and the error. */
export type Dialed =
  | { readonly ok: true; readonly socket: Socket; readonly address: string }
  | { readonly ok: false; readonly phase: 'dns' | 'connect'; readonly error: string };

/** Opens a TCP connection. It never rejects. */
export type Dial = (request: DialRequest) => Promise<Dialed>;

/**
 * Creates a dialer that connects only to addresses that `resolve` returned. `resolve` is also called for IP addresses, so
 * a resolver that rejects an address protects it.
 */
export function createDialer(resolve: Resolve = resolveHost): Dial {
  return async request => {
    const { host, port, signal } = request;
    const resolved = await resolveWithin(resolve, request);
    if (!resolved.ok) return { ok: false, phase: 'dns', error: resolved.error };
    const { addresses } = resolved;
    if (addresses.length === 0) return { ok: false, phase: 'dns', error: `${host} has no address` };
    request.onResolved?.(addresses);
    const connected = await connectFirst({ addresses, port, timeoutMs: request.connectTimeoutMs, signal });
    return connected.ok ? connected : { ok: false, phase: 'connect', error: connected.error };
  };
}

/** Result of a lookup. `cause` is the error of the resolver; absent when the lookup timed out or was stopped. */
export type Resolved =
  | { readonly ok: true; readonly addresses: readonly string[] }
  | { readonly ok: false; readonly error: string; readonly cause?: unknown };

/** Waits for a lookup until the time limit. A lookup cannot be cancelled: a later result is ignored. */
export function resolveWithin(
  resolve: Resolve,
  request: Pick<DialRequest, 'host' | 'dnsTimeoutMs' | 'signal'>,
): Promise<Resolved> {
  const { host, dnsTimeoutMs, signal } = request;
  const { promise, resolve: settle } = Promise.withResolvers<Resolved>();
  const stop = (): void => settle({ ok: false, error: 'stopped while resolving the host name' });
  const limit = setTimeout(
    () => settle({ ok: false, error: `${host} was not resolved within ${dnsTimeoutMs} ms` }),
    dnsTimeoutMs,
  );
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  resolve(host).then(
    addresses => settle({ ok: true, addresses }),
    cause => settle({ ok: false, error: errorText(cause), cause }),
  );
  return promise.finally(() => {
    clearTimeout(limit);
    signal.removeEventListener('abort', stop);
  });
}
