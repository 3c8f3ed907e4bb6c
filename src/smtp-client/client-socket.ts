import type { Socket } from 'node:net';
import { type SecureContext, connect as startTls, type TLSSocket } from 'node:tls';
import type { Reply } from '../core/outcome.ts';
import { createDeadline } from '../net/deadline.ts';
import { errorText } from '../net/error-text.ts';
import { createReplyParser } from './reply-parser.ts';

/** Who listens to a wire. Nothing is called any more after `lost` or `close`. */
export interface ClientSocketListener {
  /** A complete reply; `lines` are its lines as sent. */
  reply(reply: Reply, lines: readonly string[]): void;
  /** All replies that came together have been handed on: the time to write. */
  settled(): void;
  /** The connection is gone, or what came is not SMTP; says which in one sentence. */
  lost(why: string): void;
  /** The time set with `within` is over. */
  expired(): void;
}

export interface TlsRequest {
  /** Says which authorities are trusted and which versions will do. */
  readonly context: SecureContext;
  /** The name the certificate must have. */
  readonly host: string;
  /** Shown the other side's certificate before it is judged, so that a refusal can name it. */
  readonly onCertificate?: (socket: TLSSocket) => void;
  /** Sent as SNI; '' for an IP address. */
  readonly servername: string;
  readonly timeoutMs: number;
}

/** One connection to an SMTP server: bytes out, replies in, one deadline. */
export interface ClientSocket {
  listener: ClientSocketListener;
  readonly isOpen: boolean;
  /** Bytes of a reply are here, but not all of it. */
  readonly isMidReply: boolean;
  /** `done` is called when the kernel has the bytes, and not at all if it never does. */
  write(bytes: Buffer | string, done?: () => void): void;
  /** Writes both at once. */
  writeWith(bytes: Buffer, commands: string): void;
  /** Sets the deadline, in place of the one before. */
  within(ms: number): void;
  /** Puts TLS on the connection; resolves with the sentence that says why it failed, or the secured socket. */
  secure(request: TlsRequest): Promise<TLSSocket | string>;
  close(): void;
}

/** A reply to a dot may take ten minutes, which is longer than middle boxes remember a silent connection. */
const KEEP_ALIVE_MS = 60_000;

const DEAF: ClientSocketListener = { reply() {}, settled() {}, lost() {}, expired() {} };

/** Takes over a connected socket. */
export function createClientSocket(connected: Socket): ClientSocket {
  let isOpen = true;
  const deadline = createDeadline(() => isOpen && wire.listener.expired());
  const parser = createReplyParser((reply, lines) => isOpen && wire.listener.reply(reply, lines));
  const lose = (why: string): void => {
    if (!isOpen) return;
    wire.close();
    wire.listener.lost(why);
  };
  const ears: Ears = {
    onData(chunk) {
      const problem = parser.push(chunk);
      if (problem !== undefined) lose(`protocol error: ${problem}`);
      else if (isOpen) wire.listener.settled();
    },
    onEnd: () => lose('connection closed by the far end'),
    onError: error => lose(errorText(error)),
  };
  let socket = connected;
  const wire: ClientSocket = {
    listener: DEAF,
    get isOpen() {
      return isOpen;
    },
    get isMidReply() {
      return parser.isMidReply;
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
    within: ms => deadline.set(ms),
    async secure(request) {
      if (!isOpen) return 'connection closed';
      // RFC 3207 4.2: nothing from before the handshake may count after it.
      if (parser.isMidReply || socket.readableLength > 0) return 'bytes came before the handshake';
      deadline.clear();
      stopListening();
      const secured = await handshake(socket, request);
      if (typeof secured === 'string') {
        wire.close();
        return secured;
      }
      socket = secured;
      stopListening = listen(socket, ears);
      return secured;
    },
    close() {
      isOpen = false;
      deadline.clear();
      socket.destroy();
    },
  };
  let stopListening = listen(socket, ears);
  return wire;
}

/** What a socket tells. */
interface Ears {
  onData(chunk: Buffer): void;
  onEnd(): void;
  onError(error: Error): void;
}

/** Returns how to stop. */
function listen(socket: Socket, { onData, onEnd, onError }: Ears): () => void {
  // Replies are short and awaited: Nagle's algorithm would hold each command back for the acknowledgement before it.
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  socket.on('data', onData).once('end', onEnd).once('close', onEnd).on('error', onError);
  if (socket.destroyed) onEnd();
  return () => socket.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', onError);
}

/** Says QUIT and waits a moment for the answer; resolves when the connection is closed. */
export function quit(wire: ClientSocket, waitMs: number): Promise<void> {
  if (!wire.isOpen) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = (): void => {
    wire.close();
    resolve();
  };
  wire.listener = { reply: end, settled() {}, lost: end, expired: end };
  wire.within(waitMs);
  wire.write('QUIT\r\n');
  return promise;
}

/** The certificate is verified, and its name must be the host's (RFC 3207 4.1). */
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
  // Before Node.js judges it, and forgets it where it is found bad.
  secured.prependOnceListener('secure', () => request.onCertificate?.(secured));
  secured.once('secureConnect', () => resolve(secured));
  secured.on('error', error => resolve(errorText(error)));
  secured.once('close', () => resolve('connection closed during the TLS handshake'));
  return promise.finally(() => clearTimeout(limit));
}
