import { connect, type Socket } from 'node:net';
import { errorText } from './error-text.ts';

/** RFC 8305 5: time after which the next address is tried in parallel. */
const ATTEMPT_DELAY_MS = 250;

export interface ConnectRequest {
  /** Addresses in the order to try; at least one. */
  readonly addresses: readonly string[];
  readonly port: number;
  /** Time limit for all addresses together. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export type Connected =
  | { readonly ok: true; readonly socket: Socket; readonly address: string }
  | { readonly ok: false; readonly error: string };

/**
 * Connects to the first address that answers. The next address is tried when one fails, or after a short delay beside
 * those that have not answered yet.
 */
export function connectFirst(request: ConnectRequest): Promise<Connected> {
  const { addresses, port, timeoutMs, signal } = request;
  const { promise, resolve } = Promise.withResolvers<Connected>();
  const attempts = new Set<Socket>();
  let next = 0;
  let failure = 'no address to connect to';
  let stagger: NodeJS.Timeout | undefined;

  const end = (result: Connected): void => {
    clearTimeout(stagger);
    clearTimeout(limit);
    signal.removeEventListener('abort', stop);
    for (const socket of attempts) if (!result.ok || socket !== result.socket) socket.destroy();
    attempts.clear();
    resolve(result);
  };
  const stop = (): void => end({ ok: false, error: 'stopped while connecting' });
  const limit = setTimeout(
    () => end({ ok: false, error: `no connection within ${timeoutMs} ms` }),
    timeoutMs,
  );

  const tryNext = (): void => {
    clearTimeout(stagger);
    const address = addresses[next++];
    if (address === undefined) {
      if (attempts.size === 0) end({ ok: false, error: failure });
      return;
    }
    const socket = connect({ host: address, port });
    attempts.add(socket);
    socket.on('error', error => {
      // Errors after the winner was chosen are ignored here: its new owner has not attached a handler yet.
      if (!attempts.delete(socket)) return;
      failure = `${errorText(error)} (${address})`;
      tryNext();
    });
    socket.once('connect', () => {
      if (attempts.has(socket)) end({ ok: true, socket, address });
    });
    stagger = setTimeout(tryNext, ATTEMPT_DELAY_MS);
  };

  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  else tryNext();
  return promise;
}
