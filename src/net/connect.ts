import { connect, type Socket } from 'node:net';
import { errorText } from './error-text.ts';

/** RFC 8305 5: how long one address may be silent before the next is tried beside it. */
const ATTEMPT_DELAY_MS = 250;

export interface ConnectRequest {
  /** Addresses to try, the best first; at least one. */
  readonly addresses: readonly string[];
  readonly port: number;
  /** For all addresses together. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export type Connected =
  | { readonly ok: true; readonly socket: Socket; readonly address: string }
  | { readonly ok: false; readonly error: string };

/** Races the addresses, each a little later than the one before or as soon as that failed; the first connection wins. */
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
      // Also hears what goes wrong before the winner has found its owner.
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
