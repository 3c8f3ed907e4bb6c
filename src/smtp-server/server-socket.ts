import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';

/** Why reading stops: the client closed the connection, a time limit was reached, or the server closes. */
export type StopReason = 'disconnected' | 'timeout' | 'closing';

/** A connection of a client. Input is pulled by `read`; replies are buffered until the next `read` or `flush`. */
export interface ServerSocket {
  readonly isSecure: boolean;
  /** Writes the buffered replies, then returns the next octets, or why there are none. */
  read(): Promise<Buffer | StopReason>;
  /** Returns true if data was received and not read yet. */
  hasUnread(): boolean;
  /** Buffers a reply, so that the replies to pipelined commands go out together. */
  write(text: string): void;
  /** Writes the buffered replies. Resolves when the client has read enough, or reading is stopped. */
  flush(): Promise<void>;
  /** Ends a waiting `read` or `flush`. */
  stop(reason: StopReason): void;
  /** Detaches from the socket, so that TLS can use it. */
  release(): Socket;
  /** Writes the buffered replies and closes. A connection that does not close in time is destroyed. */
  end(): void;
}

/** Unread octets above which the socket is paused. */
const PAUSE_BYTES = 128 * 1024;
const CUT_MS = 2_000;

export function createServerSocket(socket: Socket): ServerSocket {
  const unread: Buffer[] = [];
  let unreadBytes = 0;
  let buffered = '';
  let stopped: StopReason | undefined;
  let wake = () => {};

  const onData = (chunk: Buffer) => {
    unread.push(chunk);
    unreadBytes += chunk.length;
    if (unreadBytes > PAUSE_BYTES) socket.pause();
    wake();
  };
  const onDrain = () => wake();
  const stop = (reason: StopReason) => {
    stopped ??= reason;
    wake();
  };
  const onClose = () => stop('disconnected');
  socket.on('data', onData).on('drain', onDrain).on('end', onClose).on('close', onClose);
  socket.on('error', onClose).on('_tlsError', onClose);

  function nextChange(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    wake = resolve;
    return promise;
  }

  async function flush(): Promise<void> {
    if (buffered === '' || !socket.writable) return;
    const canTakeMore = socket.write(buffered);
    buffered = '';
    while (!canTakeMore && socket.writableNeedDrain && stopped === undefined) await nextChange();
  }

  return {
    isSecure: socket instanceof TLSSocket,
    async read() {
      await flush();
      // Input that arrived before the client closed its side is still answered.
      while (unread.length === 0 && stopped === undefined) await nextChange();
      const chunk = stopped === 'timeout' || stopped === 'closing' ? undefined : unread.shift();
      if (chunk === undefined) return stopped ?? 'disconnected';
      unreadBytes -= chunk.length;
      if (unread.length === 0) socket.resume();
      return chunk;
    },
    hasUnread: () => unread.length > 0,
    write(text) {
      buffered += text;
    },
    flush,
    stop,
    release() {
      socket.off('data', onData).off('drain', onDrain).off('end', onClose).off('close', onClose);
      return socket.pause();
    },
    end() {
      if (socket.writable) socket.end(buffered);
      const cut = setTimeout(() => socket.destroy(), CUT_MS).unref();
      socket.once('close', () => clearTimeout(cut));
      socket.resume();
    },
  };
}

/** Does the server side of the TLS handshake; undefined when it fails or the signal aborts it. */
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
  // Before the end of the handshake, Node reports errors only with this event.
  secured.once('secure', done).on('_tlsError', fail).on('error', fail).on('close', fail);
  signal.addEventListener('abort', fail, { once: true });
  return promise;
}
