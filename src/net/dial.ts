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
  /** Told the addresses before the first is tried. */
  readonly onResolved?: (addresses: readonly string[]) => void;
}

/** An open TCP connection to `address`, or at which stage it failed and why. */
export type Dialed =
  | { readonly ok: true; readonly socket: Socket; readonly address: string }
  | { readonly ok: false; readonly phase: 'dns' | 'connect'; readonly error: string };

/** Opens a TCP connection; never rejects. */
export type Dial = (request: DialRequest) => Promise<Dialed>;

/**
 * A dialer that connects only to addresses which `resolve` gave, literal ones too: to guard it, give it a resolver
 * that rejects what must not be reached.
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

/** What a look-up came to; `cause` is what the resolver threw, absent when it was not waited for. */
export type Resolved =
  | { readonly ok: true; readonly addresses: readonly string[] }
  | { readonly ok: false; readonly error: string; readonly cause?: unknown };

/** Waits for a look-up, never longer than allowed. It cannot be called back: what it says later goes unheard. */
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
