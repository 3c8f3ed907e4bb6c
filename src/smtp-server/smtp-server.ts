import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type CertificateFiles, watchCertificate } from './certificate.ts';
import { clientAddress } from './client-address.ts';
import { type ConnectionLimits, createConnectionLimiter } from './connection-limiter.ts';
import { createMessageMemory } from './message-memory.ts';
import { readProxyLine } from './proxy-protocol.ts';
import { type ClientFacts, type ServedConnection, serveConnection } from './serve-connection.ts';
import { SMTP_TIMEOUTS, type SmtpContext, type SmtpTimeouts } from './smtp-context.ts';
import { formatReply } from './smtp-reply.ts';

/** Address of a listener. */
export interface ListenAt {
  readonly host: string;
  /** 0: the system chooses a free port. */
  readonly port: number;
  /** True: TLS from the start. False: plain text, or STARTTLS. */
  readonly isImplicitTls: boolean;
}

export interface SmtpServerOptions
  extends Omit<SmtpContext, 'certificate' | 'memory' | 'timeouts' | 'maxAuthTries'>,
    ConnectionLimits {
  readonly listeners: readonly ListenAt[];
  /** Absent: no TLS. The files are read again when they change. */
  readonly certificate?: CertificateFiles;
  /** Memory for messages that are being received, for all connections together; absent: 256 MiB. */
  readonly maxHeldBytes?: number;
  /** Failed logins on one connection before it is closed; absent: 5. */
  readonly maxAuthTries?: number;
  readonly timeouts?: Partial<SmtpTimeouts>;
  /** Returns true for a proxy, which names its client first (PROXY protocol). Absent: there are no proxies. */
  readonly isProxy?: (address: string) => boolean;
}

/** The SMTP server of the gate: message submission (RFC 6409) with authentication. */
export interface SmtpServer {
  /** Opens all ports. Resolves with their addresses, in the order of the listeners. If one port fails, none stays open. */
  listen(): Promise<readonly { readonly host: string; readonly port: number }[]>;
  /** Accepts no more connections and answers running messages. After `graceMs` it closes the remaining connections. */
  close(graceMs: number): Promise<void>;
}

const MAX_HELD_BYTES = 256 * 1024 * 1024;
const MAX_AUTH_TRIES = 5;
/** Time limit for the first line of a proxy. A proxy sends it immediately. */
const PROXY_LINE_MS = 5_000;

export function createSmtpServer(options: SmtpServerOptions): SmtpServer {
  const context = createContext(options);
  const limiter = createConnectionLimiter(options);
  const connections = new Map<Socket, ServedConnection>();
  let isClosing = false;
  const servers = options.listeners.map(({ isImplicitTls }) =>
    createServer({ allowHalfOpen: true, noDelay: true }, socket => acceptConnection(socket, isImplicitTls)),
  );

  function acceptConnection(socket: Socket, isImplicitTls: boolean): void {
    socket.on('error', () => {});
    const peer = clientAddress(socket.remoteAddress);
    if (options.isProxy?.(peer) !== true) serve(socket, { client: peer, isImplicitTls });
    else void acceptFromProxy(socket, peer, isImplicitTls);
  }

  async function acceptFromProxy(socket: Socket, peer: string, isImplicitTls: boolean): Promise<void> {
    const proxied = await readProxyLine(socket, PROXY_LINE_MS);
    if (proxied !== undefined) return serve(socket, { client: proxied.client ?? peer, isImplicitTls });
    options.log.warn(
      { peer },
      'a proxy did not name its client: the PROXY protocol line is missing or invalid',
    );
    socket.destroy();
  }

  function serve(socket: Socket, facts: ClientFacts): void {
    const { client, isImplicitTls } = facts;
    const release = limiter.admit(client);
    if (typeof release !== 'function') {
      reject(socket, isImplicitTls ? '' : formatReply(release));
      return;
    }
    socket.once('close', () => {
      release();
      connections.delete(socket);
    });
    const connection = serveConnection(socket, facts, context);
    connections.set(socket, connection);
    if (isClosing) connection.close();
  }

  async function stopListening(): Promise<void> {
    await Promise.all(servers.map(server => server[Symbol.asyncDispose]().catch(() => {})));
  }

  return {
    async listen() {
      const tried = await Promise.allSettled(
        servers.map((server, index) => listenAt(server, options.listeners[index])),
      );
      const failed = tried.find(one => one.status === 'rejected');
      if (failed === undefined) return tried.flatMap(one => (one.status === 'fulfilled' ? [one.value] : []));
      await stopListening();
      throw failed.reason;
    },
    async close(graceMs) {
      isClosing = true;
      const stopped = stopListening();
      const cut = setTimeout(() => {
        for (const socket of connections.keys()) socket.destroy();
      }, graceMs);
      for (const connection of connections.values()) connection.close();
      await Promise.all([...connections.values()].map(({ ended }) => ended));
      await stopped;
      clearTimeout(cut);
    },
  };
}

function createContext({ certificate, maxHeldBytes, timeouts, ...options }: SmtpServerOptions): SmtpContext {
  const { log } = options;
  return {
    ...options,
    maxAuthTries: options.maxAuthTries ?? MAX_AUTH_TRIES,
    memory: createMessageMemory(maxHeldBytes ?? MAX_HELD_BYTES),
    timeouts: { ...SMTP_TIMEOUTS, ...timeouts },
    ...(certificate && {
      certificate: watchCertificate(certificate, error =>
        log.error(
          { err: error, ...certificate },
          'the new certificate cannot be used: the old one stays in use',
        ),
      ),
    }),
  };
}

/** Closes a connection over the limit. A client that expects TLS gets no text. */
function reject(socket: Socket, text: string): void {
  socket.end(text, () => socket.destroy());
}

function listenAt(server: Server, at: ListenAt | undefined): Promise<{ host: string; port: number }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ host: string; port: number }>();
  server.once('error', reject);
  server.listen({ host: at?.host, port: at?.port }, () => {
    server.off('error', reject).on('error', () => {});
    const { address, port } = server.address() as AddressInfo;
    resolve({ host: address, port });
  });
  return promise;
}
