import { createServer, type Server, type Socket } from 'node:net';
import { WAIT_MS } from '../programs/patience.ts';
import { type SinkSession, serveSession } from './smtp-sink-session.ts';
import type { Certificate } from './test-ca.ts';

/** Where a scripted answer can be given; `body` is asked when the first bytes of a message come, before its end is seen. */
export type SinkStage =
  | 'connect'
  | 'ehlo'
  | 'starttls'
  | 'auth'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'body'
  | 'dot'
  | 'rset'
  | 'noop'
  | 'quit'
  | 'unknown';

/** What is to be answered. */
export interface SinkStep {
  readonly stage: SinkStage;
  /** The command line; '' where there is none. */
  readonly line: string;
  /** Connections, MAILs within the connection and RCPTs within the message so far, this one included. */
  readonly session: number;
  readonly message: number;
  readonly recipient: number;
}

/**
 * Misbehaviour: `close` and `reset` the connection, `silence` for ever, `stall` (silence, and nothing more is read),
 * `garbage` in place of a reply, `drip` a reply that never ends, byte by byte. A `reply` goes out first.
 */
export interface SinkFault {
  readonly fault: 'close' | 'reset' | 'silence' | 'stall' | 'garbage' | 'drip';
  readonly reply?: string;
}

/** One or more whole lines joined by \n, without the last line end. */
export type SinkAnswer = string | SinkFault;

export interface SinkOptions {
  /** Lines of the reply to EHLO after the first; STARTTLS and AUTH are added where they apply. Absent: all we know. */
  readonly capabilities?: readonly string[];
  /** Absent: clear text. */
  readonly tls?: { readonly mode: 'starttls' | 'implicit'; readonly certificate: Certificate };
  /** Passwords (XOAUTH2: tokens) by user name; with them MAIL needs AUTH. */
  readonly users?: Readonly<Record<string, string>>;
  /** Offered with `users`; absent: PLAIN, LOGIN, XOAUTH2. */
  readonly mechanisms?: readonly string[];
  /** Overrides what a well-behaved server says; undefined leaves it. A promise delays the answer and all that follow. */
  readonly answer?: (step: SinkStep) => SinkAnswer | undefined | Promise<SinkAnswer | undefined>;
}

/** A message whose final dot was read. */
export interface SinkMessage {
  readonly session: number;
  readonly sender: string;
  /** Of MAIL, such as `BODY=8BITMIME`. */
  readonly parameters: readonly string[];
  /** Those that were taken. */
  readonly recipients: readonly string[];
  /** As sent, the stuffed dots removed; with the last CRLF. */
  readonly bytes: Buffer;
  /** What the dot was answered; undefined when it was not, or not yet. */
  reply: string | undefined;
}

/** An SMTP server on loopback that does what it is told and remembers what it saw. */
export interface SmtpSink {
  readonly host: '127.0.0.1';
  readonly port: number;
  /** In the order of their dots. */
  readonly messages: readonly SinkMessage[];
  /** In the order of connecting. */
  readonly sessions: readonly SinkSession[];
  /** Resolves with what `look` finds, as soon as that is neither undefined nor false. */
  until<T>(look: () => T | undefined | false): Promise<T>;
  /** Resets every connection there is; new ones are welcome. */
  dropConnections(): void;
  close(): Promise<void>;
}

/** Starts a sink on a free port. */
export async function startSmtpSink(options: SinkOptions = {}): Promise<SmtpSink> {
  const messages: SinkMessage[] = [];
  const sessions: SinkSession[] = [];
  const sockets = new Set<Socket>();
  const watchers = createWatchers();
  const server = createServer({ noDelay: true }, socket => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
    const context = { options, number: sessions.length + 1, messages, onChange: watchers.look };
    sessions.push(serveSession(socket, context));
    watchers.look();
  });
  const dropConnections = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const port = await listen(server);
  return {
    host: '127.0.0.1',
    port,
    messages,
    sessions,
    until: watchers.until,
    dropConnections,
    close() {
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      dropConnections();
      return promise;
    },
  };
}

function listen(server: Server): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.once('error', reject);
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    resolve(typeof address === 'object' && address !== null ? address.port : 0);
  });
  return promise;
}

/** Those who wait for something to have happened. */
function createWatchers() {
  const looks = new Set<() => void>();
  return {
    look(): void {
      for (const look of looks) look();
    },
    until<T>(find: () => T | undefined | false): Promise<T> {
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const look = (): void => {
        const found = find();
        if (found !== undefined && found !== false) resolve(found);
      };
      const limit = setTimeout(() => reject(new Error(`Waited in vain for ${find}`)), WAIT_MS);
      looks.add(look);
      look();
      return promise.finally(() => {
        clearTimeout(limit);
        looks.delete(look);
      });
    },
  };
}
