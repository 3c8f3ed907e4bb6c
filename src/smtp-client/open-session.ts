import { isIP } from 'node:net';
import type { SecureContext, TLSSocket } from 'node:tls';
import { sayReply } from '../core/outcome.ts';
import type { ServerCertificate, StageFacts } from '../core/stage.ts';
import type { Dial, Dialed } from '../net/dial.ts';
import { plainText } from '../net/error-text.ts';
import { planAuth } from './auth.ts';
import { type Capabilities, NO_CAPABILITIES, parseCapabilities } from './capabilities.ts';
import { type ClientSocket, createClientSocket } from './client-socket.ts';
import {
  createTalk,
  OpeningError,
  type OpeningFacts,
  type OpeningPhase,
  refusal,
  type Talk,
} from './dialogue.ts';
import type { SmtpEndpoint, StageTimeouts } from './smtp-endpoint.ts';

export interface OpenRequest {
  readonly server: SmtpEndpoint;
  readonly timeouts: StageTimeouts;
  readonly dial: Dial;
  /** Called only where TLS is spoken. */
  readonly tlsContext: () => SecureContext;
  readonly signal: AbortSignal;
  /** Told of each stage that was passed, in the order of passing, and what was found; never a secret. */
  readonly onStage?: (stage: OpeningPhase, found: string, facts?: StageFacts) => void;
}

/** A connection that is ready for MAIL. */
export interface OpenSession {
  readonly wire: ClientSocket;
  readonly capabilities: Capabilities;
  /** `host [address]:port` */
  readonly remote: string;
}

/** Where opening failed, and why. */
export interface OpeningFailure extends OpeningFacts {
  /** As in `Session`; without the address when none was reached. */
  readonly remote: string;
}

export type Opened =
  | { readonly ok: true; readonly session: OpenSession }
  | { readonly ok: false; readonly failure: OpeningFailure };

/** Dials, secures, greets and authenticates; never rejects but for a bug. */
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
  const wire = createClientSocket(dialed.socket);
  const talk = createTalk(wire);
  const stop = (): void => talk.stop('stopped while opening the connection');
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    const capabilities = await introduce(request, wire, talk);
    return { ok: true, session: { wire, capabilities, remote } };
  } catch (failure) {
    wire.close();
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

/** Everything between the TCP connection and the first MAIL. */
async function introduce(request: OpenRequest, wire: ClientSocket, talk: Talk): Promise<Capabilities> {
  const { server } = request;
  if (server.encryption === 'ssl') await secure(request, wire, talk);
  await greet(request, talk);
  let capabilities = await hello(request, talk);
  const isSecured = server.encryption === 'ssl' || (await upgrade(request, wire, talk, capabilities));
  // RFC 3207 4.2: what was said before TLS is forgotten.
  if (isSecured && server.encryption !== 'ssl') capabilities = await hello(request, talk);
  const offered = capabilities.lines.map(plainText);
  request.onStage?.('ehlo', offered.join(', ') || 'no extensions', { capabilities: offered });
  await authenticate(request, talk, capabilities, isSecured);
  // The last answer may have had company.
  if (talk.lost !== undefined) throw new OpeningError({ phase: 'ehlo', error: talk.lost });
  return capabilities;
}

async function greet({ timeouts, onStage }: OpenRequest, talk: Talk): Promise<void> {
  const { reply } = await talk.listen('greeting', timeouts.greetingMs);
  if (reply.code !== 220) throw refusal('greeting', reply);
  onStage?.('greeting', sayReply(reply));
}

/** EHLO, or HELO for a server that does not know it (RFC 5321 3.2). */
async function hello({ server, timeouts }: OpenRequest, talk: Talk): Promise<Capabilities> {
  const ehlo = await talk.ask('ehlo', `EHLO ${server.clientName}`, timeouts.commandMs);
  if (ehlo.reply.code === 250) return parseCapabilities(ehlo.lines);
  if (ehlo.reply.code < 500) throw refusal('ehlo', ehlo.reply);
  const helo = await talk.ask('ehlo', `HELO ${server.clientName}`, timeouts.commandMs);
  if (helo.reply.code !== 250) throw refusal('ehlo', helo.reply);
  return NO_CAPABILITIES;
}

/** STARTTLS where the mode asks for it; false when the connection stays in clear text, as it may. */
async function upgrade(
  request: OpenRequest,
  wire: ClientSocket,
  talk: Talk,
  offers: Capabilities,
): Promise<boolean> {
  const { encryption } = request.server;
  if (encryption === 'none' || (encryption === 'opportunistic' && !offers.startTls)) return false;
  if (!offers.startTls) throw new OpeningError({ phase: 'tls', error: 'the server does not offer STARTTLS' });
  const { reply } = await talk.ask('tls', 'STARTTLS', request.timeouts.commandMs);
  if (reply.code !== 220) throw refusal('tls', reply);
  await secure(request, wire, talk);
  return true;
}

async function secure(
  { server, timeouts, tlsContext, onStage }: OpenRequest,
  wire: ClientSocket,
  talk: Talk,
): Promise<void> {
  let certificate: ServerCertificate | undefined;
  const secured = await wire.secure({
    onCertificate: socket => {
      certificate = certificateOf(socket);
    },
    context: tlsContext(),
    host: server.host,
    servername: isIP(server.host) === 0 ? server.host : '',
    timeoutMs: timeouts.tlsMs,
  });
  if (typeof secured === 'string') {
    const error = talk.lost ?? `TLS failed: ${secured}`;
    throw new OpeningError({ phase: 'tls', error, ...(certificate && { certificate }) });
  }
  onStage?.('tls', describeTls(secured), { certificate: certificate ?? certificateOf(secured) });
}

async function authenticate(
  { server, timeouts, onStage }: OpenRequest,
  talk: Talk,
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
      error: `the server offers no AUTH mechanism we have: ${offered}`,
    });
  }
  let { reply } = await talk.ask('auth', exchange.command, timeouts.commandMs);
  for (const response of exchange.responses) {
    if (reply.code !== 334) break;
    ({ reply } = await talk.ask('auth', response, timeouts.commandMs));
  }
  if (reply.code !== 235) throw refusal('auth', reply);
  onStage?.('auth', `${exchange.mechanism} accepted`);
}

/** Protocol, certificate and its end, as the check of a connection shows them. */
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
