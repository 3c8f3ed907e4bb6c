import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type AdmissionLimits, createAdmission } from './admission.ts';
import { type CertificateFiles, watchCertificate } from './certificate.ts';
import { clientAddress } from './client-address.ts';
import { type Caller, type Conversation, startConversation } from './conversation.ts';
import { createHeldBytes } from './held-bytes.ts';
import { readProxyLine } from './proxy-protocol.ts';
import { SMTP_TIMEOUTS, type SmtpContext, type SmtpTimeouts } from './smtp-context.ts';
import { wireText } from './smtp-reply.ts';

/** Where to listen. */
export interface ListenAt {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** TLS from the start, not by STARTTLS. */
  readonly isImplicitTls: boolean;
}

export interface SmtpServerOptions
  extends Omit<SmtpContext, 'certificate' | 'held' | 'timeouts' | 'maxAuthTries'>,
    AdmissionLimits {
  readonly listeners: readonly ListenAt[];
  /** Absent: no TLS. Read again when they change. */
  readonly certificate?: CertificateFiles;
  /** Octets of messages under way, all together; absent: 256 MiB. */
  readonly maxHeldBytes?: number;
  /** Wrong credentials on one connection; absent: 5. */
  readonly maxAuthTries?: number;
  readonly timeouts?: Partial<SmtpTimeouts>;
  /** Whether this peer is a proxy, which says first for whom it speaks (PROXY protocol); absent: nobody is. */
  readonly isProxy?: (address: string) => boolean;
}

/** The SMTP front of the gate: submission (RFC 6409) for those who log in. */
export interface SmtpServer {
  /** Resolves with where each listener listens, in their order; when one cannot, none does. */
  listen(): Promise<readonly { readonly host: string; readonly port: number }[]>;
  /** Takes no more connections, lets messages under way be answered, and after `graceMs` cuts what is left. */
  close(graceMs: number): Promise<void>;
}

const MAX_HELD_BYTES = 256 * 1024 * 1024;
const MAX_AUTH_TRIES = 5;
/** For the first line of a proxy, which has it ready. */
const PROXY_LINE_MS = 5_000;

export function createSmtpServer(options: SmtpServerOptions): SmtpServer {
  const context = contextOf(options);
  const admission = createAdmission(options);
  const conversations = new Map<Socket, Conversation>();
  let isClosing = false;
  const servers = options.listeners.map(({ isImplicitTls }) =>
    createServer({ allowHalfOpen: true, noDelay: true }, socket => welcome(socket, isImplicitTls)),
  );

  function welcome(socket: Socket, isImplicitTls: boolean): void {
    socket.on('error', () => {});
    const peer = clientAddress(socket.remoteAddress);
    if (options.isProxy?.(peer) !== true) serve(socket, { client: peer, isImplicitTls });
    else void welcomeThroughProxy(socket, peer, isImplicitTls);
  }

  async function welcomeThroughProxy(socket: Socket, peer: string, isImplicitTls: boolean): Promise<void> {
    const proxied = await readProxyLine(socket, PROXY_LINE_MS);
    if (proxied !== undefined) return serve(socket, { client: proxied.client ?? peer, isImplicitTls });
    options.log.warn(
      { peer },
      'a proxy did not say for whom it speaks: its line of the PROXY protocol is missing',
    );
    socket.destroy();
  }

  function serve(socket: Socket, caller: Caller): void {
    const { client, isImplicitTls } = caller;
    const leave = admission.enter(client);
    if (typeof leave !== 'function') {
      turnAway(socket, isImplicitTls ? '' : wireText(leave));
      return;
    }
    socket.once('close', () => {
      leave();
      conversations.delete(socket);
    });
    const conversation = startConversation(socket, caller, context);
    conversations.set(socket, conversation);
    if (isClosing) conversation.close();
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
        for (const socket of conversations.keys()) socket.destroy();
      }, graceMs);
      for (const conversation of conversations.values()) conversation.close();
      await Promise.all([...conversations.values()].map(({ ended }) => ended));
      await stopped;
      clearTimeout(cut);
    },
  };
}

function contextOf({ certificate, maxHeldBytes, timeouts, ...options }: SmtpServerOptions): SmtpContext {
  const { log } = options;
  return {
    ...options,
    maxAuthTries: options.maxAuthTries ?? MAX_AUTH_TRIES,
    held: createHeldBytes(maxHeldBytes ?? MAX_HELD_BYTES),
    timeouts: { ...SMTP_TIMEOUTS, ...timeouts },
    ...(certificate && {
      certificate: watchCertificate(certificate, error =>
        log.error({ err: error, ...certificate }, 'the new certificate cannot be used; the old one goes on'),
      ),
    }),
  };
}

/** For a client that gets no conversation: TLS is not begun for it. */
function turnAway(socket: Socket, farewell: string): void {
  socket.end(farewell, () => socket.destroy());
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
