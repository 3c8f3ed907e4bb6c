import { isIP } from 'node:net';
import type { SecureContext, TLSSocket } from 'node:tls';
import { formatReplyLine } from '../core/outcome.ts';
import type { ServerCertificate, StageFacts } from '../core/stage.ts';
import type { Dial, Dialed } from '../net/dial.ts';
import { plainText } from '../net/error-text.ts';
import { planAuth } from './auth.ts';
import { type Capabilities, NO_CAPABILITIES, parseCapabilities } from './capabilities.ts';
import { type ClientSocket, createClientSocket } from './client-socket.ts';
import {
  createDialogue,
  type Dialogue,
  OpeningError,
  type OpeningFacts,
  type OpeningPhase,
  refusalError,
} from './dialogue.ts';
import type { SmtpEndpoint, StageTimeouts } from './smtp-endpoint.ts';

export interface OpenRequest {
  readonly server: SmtpEndpoint;
  readonly timeouts: StageTimeouts;
  readonly dial: Dial;
  /** Called only if the connection uses TLS. */
  readonly tlsContext: () => SecureContext;
  readonly signal: AbortSignal;
  /** Called after each completed stage, in order, with its result. The result has no secrets. */
  readonly onStage?: (stage: OpeningPhase, found: string, facts?: StageFacts) => void;
}

/** A connection that is ready for MAIL. */
export interface OpenSession {
  readonly socket: ClientSocket;
  readonly capabilities: Capabilities;
  /** `host [address]:port` */
  readonly remote: string;
}

/** The stage that failed, with the error. */
export interface OpeningFailure extends OpeningFacts {
  /** As in `OpenSession`; without the address if no connection was made. */
  readonly remote: string;
}

export type Opened =
  | { readonly ok: true; readonly session: OpenSession }
  | { readonly ok: false; readonly failure: OpeningFailure };

/** Connects, starts TLS, sends EHLO and authenticates. Rejects only for a bug. */
export async function openSession(request: OpenRequest): Promise<Opened> {
  const { server, signal } = request;
  const { host, port } = server;
  const dialed = await dial(request);
  if (!dialed.ok) {
    const { phase, error } = dialed;
    return { ok: false, failure: { phase, error, remote: `${host}:${port}` } };
  }
  const remote = `${host} [${dialed.address}]:${port}`;
  request.onStage?.('connect', remote);
  const socket = createClientSocket(dialed.socket);
  const dialogue = createDialogue(socket);
  const stop = (): void => dialogue.stop('stopped while opening the connection');
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    const capabilities = await negotiate(request, socket, dialogue);
    return { ok: true, session: { socket, capabilities, remote } };
  } catch (failure) {
    socket.close();
    if (!(failure instanceof OpeningError)) throw failure;
    return { ok: false, failure: { ...failure.facts, remote } };
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function dial({ server, timeouts, dial, signal, onStage }: OpenRequest): Promise<Dialed> {
  return dial({
    host: server.host,
    port: server.port,
    dnsTimeoutMs: timeouts.dnsMs,
    connectTimeoutMs: timeouts.connectMs,
    signal,
    onResolved: addresses => onStage?.('dns', addresses.join(', '), { addresses }),
  });
}

/** Does all stages between the TCP connection and the first MAIL. */
async function negotiate(
  request: OpenRequest,
  socket: ClientSocket,
  dialogue: Dialogue,
): Promise<Capabilities> {
  const { server } = request;
  if (server.encryption === 'ssl') await secure(request, socket, dialogue);
  await readGreeting(request, dialogue);
  let capabilities = await hello(request, dialogue);
  const isSecured = server.encryption === 'ssl' || (await upgrade(request, socket, dialogue, capabilities));
  // RFC 3207 4.2: the capabilities from before TLS must be discarded.
  if (isSecured && server.encryption !== 'ssl') capabilities = await hello(request, dialogue);
  const offered = capabilities.lines.map(plainText);
  request.onStage?.('ehlo', offered.join(', ') || 'no extensions', { capabilities: offered });
  await authenticate(request, dialogue, capabilities, isSecured);
  // The last reply can be followed by data that ended the connection.
  if (dialogue.lost !== undefined) throw new OpeningError({ phase: 'ehlo', error: dialogue.lost });
  return capabilities;
}

async function readGreeting({ timeouts, onStage }: OpenRequest, dialogue: Dialogue): Promise<void> {
  const { reply } = await dialogue.waitForReply('greeting', timeouts.greetingMs);
  if (reply.code !== 220) throw refusalError('greeting', reply);
  onStage?.('greeting', formatReplyLine(reply));
}

/** Sends EHLO, or HELO to a server that does not know EHLO (RFC 5321 3.2). */
async function hello({ server, timeouts }: OpenRequest, dialogue: Dialogue): Promise<Capabilities> {
  const ehlo = await dialogue.sendCommand('ehlo', `EHLO ${server.clientName}`, timeouts.commandMs);
  if (ehlo.reply.code === 250) return parseCapabilities(ehlo.lines);
  if (ehlo.reply.code < 500) throw refusalError('ehlo', ehlo.reply);
  const helo = await dialogue.sendCommand('ehlo', `HELO ${server.clientName}`, timeouts.commandMs);
  if (helo.reply.code !== 250) throw refusalError('ehlo', helo.reply);
  return NO_CAPABILITIES;
}

/** Sends STARTTLS if the mode requires it. Returns false if the connection stays in plain text, which the mode must allow. */
async function upgrade(
  request: OpenRequest,
  socket: ClientSocket,
  dialogue: Dialogue,
  offered: Capabilities,
): Promise<boolean> {
  const { encryption } = request.server;
  if (encryption === 'none' || (encryption === 'opportunistic' && !offered.startTls)) return false;
  if (!offered.startTls)
    throw new OpeningError({ phase: 'tls', error: 'the server does not offer STARTTLS' });
  const { reply } = await dialogue.sendCommand('tls', 'STARTTLS', request.timeouts.commandMs);
  if (reply.code !== 220) throw refusalError('tls', reply);
  await secure(request, socket, dialogue);
  return true;
}

async function secure(
  { server, timeouts, tlsContext, onStage }: OpenRequest,
  socket: ClientSocket,
  dialogue: Dialogue,
): Promise<void> {
  let certificate: ServerCertificate | undefined;
  const secured = await socket.secure({
    onCertificate: socket => {
      certificate = certificateOf(socket);
    },
    context: tlsContext(),
    host: server.host,
    servername: isIP(server.host) === 0 ? server.host : '',
    timeoutMs: timeouts.tlsMs,
  });
  if (typeof secured === 'string') {
    const error = dialogue.lost ?? `TLS failed: ${secured}`;
    throw new OpeningError({ phase: 'tls', error, ...(certificate && { certificate }) });
  }
  onStage?.('tls', describeTls(secured), { certificate: certificate ?? certificateOf(secured) });
}

async function authenticate(
  { server, timeouts, onStage }: OpenRequest,
  dialogue: Dialogue,
  { authMechanisms }: Capabilities,
  isSecured: boolean,
): Promise<void> {
  if (server.credentials === undefined) return;
  if (server.isAuthOptional && authMechanisms.length === 0) return;
  if (!isSecured && !server.allowsAuthInClear) {
    throw new OpeningError({
      phase: 'auth',
      error: 'credentials are not sent over an unencrypted connection',
    });
  }
  const exchange = planAuth(server.credentials, authMechanisms);
  if (exchange === undefined) {
    const offered = plainText(authMechanisms.join(', ')) || 'none';
    throw new OpeningError({
      phase: 'auth',
      error: `the server offers no supported AUTH mechanism; it offers: ${offered}`,
    });
  }
  let { reply } = await dialogue.sendCommand('auth', exchange.command, timeouts.commandMs);
  for (const response of exchange.responses) {
    if (reply.code !== 334) break;
    ({ reply } = await dialogue.sendCommand('auth', response, timeouts.commandMs));
  }
  if (reply.code !== 235) throw refusalError('auth', reply);
  onStage?.('auth', `${exchange.mechanism} accepted`);
}

/** Describes protocol, certificate and its expiry, for the connection test of a provider. */
function describeTls(socket: TLSSocket): string {
  const { subject, valid_to } = socket.getPeerCertificate();
  const name = String(subject?.CN ?? 'no common name');
  return plainText(`${socket.getProtocol()}, certificate of ${name}, valid until ${valid_to}`);
}

function certificateOf(socket: TLSSocket): ServerCertificate {
  const { subject, issuer, valid_from, valid_to } = socket.getPeerCertificate();
  return {
    subject: plainText(String(subject?.CN ?? '')),
    issuer: plainText(String(issuer?.CN ?? issuer?.O ?? '')),
    validFrom: Date.parse(valid_from),
    validTo: Date.parse(valid_to),
  };
}
