import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';

/** Why nothing more is read: the client went away, was too slow, or we close. */
export type Halt = 'gone' | 'late' | 'closing';

/** A connection as the conversation sees it: what was said is pulled, replies wait until somebody listens. */
export interface ServerSocket {
  readonly isSecure: boolean;
  /** The next octets, once what was said is on its way; or why there are none. */
  read(): Promise<Buffer | Halt>;
  /** Something was received that nobody has read yet. */
  hasUnread(): boolean;
  /** Keeps a reply until the next read or flush, so that those to pipelined commands go out together. */
  say(text: string): void;
  /** Writes what was said; resolves when the client keeps up, or anything stops it. */
  flush(): Promise<void>;
  /** Ends the wait for octets, or for the client to keep up. */
  halt(why: Halt): void;
  /** Lets go of the socket, to be wrapped into TLS. */
  release(): Socket;
  /** Writes what was said and closes; what does not go by itself is cut after `CUT_MS`. */
  end(): void;
}

/** Unread octets from which on the client has to wait. */
const PAUSE_BYTES = 128 * 1024;
const CUT_MS = 2_000;

export function createServerSocket(socket: Socket): ServerSocket {
  const unread: Buffer[] = [];
  let unreadBytes = 0;
  let said = '';
  let halted: Halt | undefined;
  let wake = () => {};

  const take = (chunk: Buffer) => {
    unread.push(chunk);
    unreadBytes += chunk.length;
    if (unreadBytes > PAUSE_BYTES) socket.pause();
    wake();
  };
  const drained = () => wake();
  const halt = (why: Halt) => {
    halted ??= why;
    wake();
  };
  const gone = () => halt('gone');
  socket.on('data', take).on('drain', drained).on('end', gone).on('close', gone);
  socket.on('error', gone).on('_tlsError', gone);

  function change(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    wake = resolve;
    return promise;
  }

  async function flush(): Promise<void> {
    if (said === '' || !socket.writable) return;
    const isTaken = socket.write(said);
    said = '';
    while (!isTaken && socket.writableNeedDrain && halted === undefined) await change();
  }

  return {
    isSecure: socket instanceof TLSSocket,
    async read() {
      await flush();
      // What came before the client closed its side is still answered.
      while (unread.length === 0 && halted === undefined) await change();
      const chunk = halted === 'late' || halted === 'closing' ? undefined : unread.shift();
      if (chunk === undefined) return halted ?? 'gone';
      unreadBytes -= chunk.length;
      if (unread.length === 0) socket.resume();
      return chunk;
    },
    hasUnread: () => unread.length > 0,
    say(text) {
      said += text;
    },
    flush,
    halt,
    release() {
      socket.off('data', take).off('drain', drained).off('end', gone).off('close', gone);
      return socket.pause();
    },
    end() {
      if (socket.writable) socket.end(said);
      const cut = setTimeout(() => socket.destroy(), CUT_MS).unref();
      socket.once('close', () => clearTimeout(cut));
      socket.resume();
    },
  };
}

/** Does the server's part of the handshake; undefined when it fails, or the signal ends it. */
export function startTls(
  socket: Socket,
  secureContext: SecureContext,
  signal: AbortSignal,
): Promise<TLSSocket | undefined> {
  const { promise, resolve } = Promise.withResolvers<TLSSocket | undefined>();
  const secured = new TLSSocket(socket, { isServer: true, secureContext });
  const fail = () => {
    resolve(undefined);
    secured.destroy();
  };
  const done = () => {
    signal.removeEventListener('abort', fail);
    secured.off('error', fail).off('_tlsError', fail).off('close', fail);
    resolve(secured);
  };
  // Before the handshake is done, Node tells of errors by this event alone.
  secured.once('secure', done).on('_tlsError', fail).on('error', fail).on('close', fail);
  signal.addEventListener('abort', fail, { once: true });
  return promise;
}
