import type { Socket } from 'node:net';
import { type SecureContext, connect as startTls, type TLSSocket } from 'node:tls';
import type { Reply } from '../core/outcome.ts';
import { createDeadline } from '../net/deadline.ts';
import { errorText } from '../net/error-text.ts';
import { createReplyParser } from './reply-parser.ts';

/** Receives the events of a client socket. Nothing is called after `lost` or `close`. */
export interface ClientSocketListener {
  /** A complete reply; `lines` are its lines as sent. */
  reply(reply: Reply, lines: readonly string[]): void;
  /** All replies of one read were reported. Commands can be written now. */
  settled(): void;
  /** The connection is lost, or the data is not SMTP. `why` is one sentence. */
  lost(why: string): void;
  /** The deadline is over. */
  expired(): void;
}

export interface TlsRequest {
  /** Defines the trusted authorities and the TLS versions. */
  readonly context: SecureContext;
  /** The name that the certificate must have. */
  readonly host: string;
  /** Called with the certificate before it is verified, so that an error can name it. */
  readonly onCertificate?: (socket: TLSSocket) => void;
  /** Sent as SNI; '' for an IP address. */
  readonly servername: string;
  readonly timeoutMs: number;
}

/** A connection to an SMTP server: it writes bytes, reports replies, and has one deadline. */
export interface ClientSocket {
  listener: ClientSocketListener;
  readonly isOpen: boolean;
  /** Part of a reply was received. */
  readonly hasPartialReply: boolean;
  /** `done` is called when the kernel has accepted the bytes. It is not called if that never happens. */
  write(bytes: Buffer | string, done?: () => void): void;
  /** Writes the bytes and the commands together. */
  writeWith(bytes: Buffer, commands: string): void;
  /** Sets the deadline to `ms` from now. It replaces the earlier one. */
  setDeadline(ms: number): void;
  /** Does a TLS handshake. Resolves with the TLS socket, or with a sentence about the failure. */
  secure(request: TlsRequest): Promise<TLSSocket | string>;
  close(): void;
}

/** A reply to a dot can take ten minutes. Firewalls forget a silent connection earlier. */
const KEEP_ALIVE_MS = 60_000;

const NO_LISTENER: ClientSocketListener = { reply() {}, settled() {}, lost() {}, expired() {} };

/** Wraps a connected socket. */
export function createClientSocket(connected: Socket): ClientSocket {
  let isOpen = true;
  const deadline = createDeadline(() => isOpen && client.listener.expired());
  const parser = createReplyParser((reply, lines) => isOpen && client.listener.reply(reply, lines));
  const lose = (why: string): void => {
    if (!isOpen) return;
    client.close();
    client.listener.lost(why);
  };
  const handlers: SocketHandlers = {
    onData(chunk) {
      const problem = parser.push(chunk);
      if (problem !== undefined) lose(`protocol error: ${problem}`);
      else if (isOpen) client.listener.settled();
    },
    onEnd: () => lose('connection closed by peer'),
    onError: error => lose(errorText(error)),
  };
  let socket = connected;
  const client: ClientSocket = {
    listener: NO_LISTENER,
    get isOpen() {
      return isOpen;
    },
    get hasPartialReply() {
      return parser.hasPartialReply;
    },
    write(bytes, done) {
      if (!isOpen) return;
      if (done === undefined) socket.write(bytes);
      else socket.write(bytes, error => !error && isOpen && done());
    },
    writeWith(bytes, commands) {
      if (!isOpen) return;
      socket.cork();
      socket.write(bytes);
      socket.write(commands);
      socket.uncork();
    },
    setDeadline: ms => deadline.set(ms),
    async secure(request) {
      if (!isOpen) return 'connection closed';
      // RFC 3207 4.2: data from before the handshake must not be used after it.
      if (parser.hasPartialReply || socket.readableLength > 0) return 'data arrived before the TLS handshake';
      deadline.clear();
      detach();
      const secured = await handshake(socket, request);
      if (typeof secured === 'string') {
        client.close();
        return secured;
      }
      socket = secured;
      detach = attach(socket, handlers);
      return secured;
    },
    close() {
      isOpen = false;
      deadline.clear();
      socket.destroy();
    },
  };
  let detach = attach(socket, handlers);
  return client;
}

/** Handlers of the events of a net.Socket. */
interface SocketHandlers {
  onData(chunk: Buffer): void;
  onEnd(): void;
  onError(error: Error): void;
}

/** Adds the handlers to a socket. Returns a function that removes them. */
function attach(socket: Socket, { onData, onEnd, onError }: SocketHandlers): () => void {
  // Nagle's algorithm would delay each command until the one before is acknowledged.
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  socket.on('data', onData).once('end', onEnd).once('close', onEnd).on('error', onError);
  if (socket.destroyed) onEnd();
  return () => socket.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', onError);
}

/** Sends QUIT and waits a short time for the reply. Resolves when the connection is closed. */
export function quit(socket: ClientSocket, waitMs: number): Promise<void> {
  if (!socket.isOpen) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = (): void => {
    socket.close();
    resolve();
  };
  socket.listener = { reply: end, settled() {}, lost: end, expired: end };
  socket.setDeadline(waitMs);
  socket.write('QUIT\r\n');
  return promise;
}

/** Verifies the certificate, which must have the name of the host (RFC 3207 4.1). */
function handshake(socket: Socket, request: TlsRequest): Promise<TLSSocket | string> {
  const { promise, resolve } = Promise.withResolvers<TLSSocket | string>();
  const secured = startTls({
    socket,
    host: request.host,
    servername: request.servername,
    secureContext: request.context,
    rejectUnauthorized: true,
  });
  const limit = setTimeout(
    () => resolve(`no TLS handshake within ${request.timeoutMs} ms`),
    request.timeoutMs,
  );
  // Runs before Node.js verifies the certificate: it discards a bad one.
  secured.prependOnceListener('secure', () => request.onCertificate?.(secured));
  secured.once('secureConnect', () => resolve(secured));
  secured.on('error', error => resolve(errorText(error)));
  secured.once('close', () => resolve('connection closed during the TLS handshake'));
  return promise.finally(() => clearTimeout(limit));
}
