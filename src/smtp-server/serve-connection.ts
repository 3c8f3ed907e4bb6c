import type { Socket } from 'node:net';
import { createDeadline } from '../net/deadline.ts';
import type { SmtpSender } from '../operations/smtp-sender.ts';
import { isLoopback } from './client-address.ts';
import { receiveMessage } from './incoming-message.ts';
import { createLineSplitter, type Line } from './line-splitter.ts';
import { LONGEST_LINE, parseCommand, tooLongReply } from './parse-command.ts';
import { receivedField } from './received.ts';
import { isBug, refusalReply, type Stage } from './refusals.ts';
import { createServerSocket, type ServerSocket, type StopReason, startTls } from './server-socket.ts';
import type { SmtpContext } from './smtp-context.ts';
import { formatReply, plainReply, reply, type SmtpReply } from './smtp-reply.ts';
import {
  hasTooManyFailures,
  NEW_SESSION,
  type Offer,
  type SessionAnswer,
  type SessionCheck,
  type SessionStep,
  type SmtpSession,
  step,
  stepExchange,
} from './smtp-session.ts';

/** A connection that is being served. */
export interface ServedConnection {
  /** Resolves after the last reply was written. */
  readonly ended: Promise<void>;
  /** Sends the reply to a running message, then 421, and closes. */
  close(): void;
}

/** The client of a connection. */
export interface ClientFacts {
  /** IP address of the client itself, not of a proxy. */
  readonly client: string;
  /** True: TLS from the start. False: plain text, or STARTTLS. */
  readonly isImplicitTls: boolean;
}

/** Serves a client until one side ends the connection. */
export function serveConnection(
  socket: Socket,
  { client, isImplicitTls }: ClientFacts,
  context: SmtpContext,
): ServedConnection {
  const state: State = {
    context,
    client,
    socket: createServerSocket(socket),
    lines: createLineSplitter(),
    session: NEW_SESSION,
    sender: undefined,
    errors: 0,
    loginDeadline: performance.now() + context.timeouts.loginMs,
    isClosing: false,
    isIdle: false,
  };
  const ended = (isImplicitTls ? secure(state) : Promise.resolve(true))
    .then(isReady => (isReady ? readCommands(state) : 'disconnected'))
    .then(reason => end(state, reason))
    .catch((error: unknown) => {
      context.log.error({ err: error }, 'an SMTP connection failed with a bug');
      socket.destroy();
    });
  return {
    ended,
    close() {
      state.isClosing = true;
      if (state.isIdle) state.socket.stop('closing');
    },
  };
}

interface State {
  readonly context: SmtpContext;
  /** IP address. */
  readonly client: string;
  socket: ServerSocket;
  readonly lines: ReturnType<typeof createLineSplitter>;
  session: SmtpSession;
  /** The logged-in sender; undefined before AUTH. */
  sender: SmtpSender | undefined;
  /** Protocol errors since the last accepted message. */
  errors: number;
  /** Time on the monotonic clock, in ms, until which the client must log in. */
  readonly loginDeadline: number;
  isClosing: boolean;
  /** True while the server waits for a command. */
  isIdle: boolean;
}

/** Why a connection ends. */
type EndReason = StopReason | 'quit' | 'too-many-errors' | 'data-after-starttls' | 'far-too-large';

const MAX_ERRORS = 30;
const LAST_REPLIES: Readonly<Record<EndReason, SmtpReply | undefined>> = {
  disconnected: undefined,
  quit: undefined,
  'too-many-errors': reply(421, '4.7.0', 'Too many errors; closing connection'),
  'data-after-starttls': reply(421, '4.7.0', 'Wait for the TLS handshake after STARTTLS; closing connection'),
  // Not 421: the client would send the same message again.
  'far-too-large': reply(552, '5.3.4', 'The message is far too large; closing connection'),
  timeout: reply(421, '4.4.2', 'Timeout; closing connection'),
  closing: reply(421, '4.3.2', 'The server is shutting down'),
};

async function readCommands(state: State): Promise<EndReason> {
  state.socket.write(formatReply(plainReply(220, `${state.context.hostName} ESMTP Postern`)));
  for (;;) {
    const line = await nextLine(state);
    if (typeof line === 'string') return line;
    const answer = await answerOf(state, stepOf(state, line));
    state.session = answer.session;
    if (hasTooManyFailures(state.session, offerOf(state))) return 'too-many-errors';
    if (answer.next === 'starttls' && hasMore(state)) return 'data-after-starttls';
    state.socket.write(formatReply(answer.reply));
    if (isProtocolError(answer.reply) && ++state.errors > MAX_ERRORS) return 'too-many-errors';
    if (answer.next === 'close') return 'quit';
    if (answer.next === 'starttls' && !(await secure(state))) return 'disconnected';
    if (answer.next === 'data') {
      const reason = await takeMessage(state);
      if (reason !== undefined) return reason;
    }
  }
}

function end({ socket }: State, reason: EndReason): void {
  const last = LAST_REPLIES[reason];
  if (last !== undefined) socket.write(formatReply(last));
  socket.end();
}

/** Waits for the next command line, at most until the time limit for commands or for the login. */
async function nextLine(state: State): Promise<Line | StopReason> {
  const { lines, socket, context } = state;
  const { commandMs } = context.timeouts;
  const loginMs = state.loginDeadline - performance.now();
  const deadline = createDeadline(() => socket.stop('timeout'));
  deadline.set(state.session.isLoggedIn ? commandMs : Math.min(commandMs, loginMs));
  state.isIdle = true;
  try {
    for (;;) {
      if (state.isClosing) return 'closing';
      const line = lines.next(LONGEST_LINE);
      if (line !== undefined) return line;
      const chunk = await socket.read();
      if (typeof chunk === 'string') return chunk;
      lines.push(chunk);
    }
  } finally {
    state.isIdle = false;
    deadline.clear();
  }
}

function stepOf(state: State, line: Line): SessionStep {
  const { session } = state;
  if (line.kind !== 'line') {
    const error = line.kind === 'too-long' ? tooLongReply(session.exchange && 'AUTH') : NOT_TEXT;
    return { session: { ...session, exchange: undefined }, reply: error };
  }
  if (session.exchange !== undefined) return stepExchange(session, session.exchange, line.text);
  return step(session, parseCommand(line.text), offerOf(state));
}

const NOT_TEXT = reply(
  500,
  '5.5.2',
  'A command line must be UTF-8 without control characters, and must end with CRLF',
);

function offerOf({ context, socket, client }: State): Offer {
  const { hostName, maxMessageBytes, maxRecipients, maxAuthTries, certificate, allowAuthInClear } = context;
  const starttls = certificate !== undefined && !socket.isSecure;
  const isLocal = certificate === undefined && isLoopback(client);
  const auth = socket.isSecure || allowAuthInClear || isLocal;
  return { hostName, maxMessageBytes, maxRecipients, maxAuthTries, starttls, auth };
}

const STAGES: Readonly<Record<SessionCheck['kind'], Stage>> = {
  'log-in': 'auth',
  sender: 'mail',
  recipient: 'rcpt',
};

/** Does the check of a step, if it has one, and returns the answer that follows from it. */
async function answerOf(state: State, next: SessionStep): Promise<SessionAnswer> {
  if (!('check' in next)) return next;
  try {
    const isGranted = await runCheck(state, next.check);
    return isGranted ? next.granted : { session: next.refused, reply: WRONG_CREDENTIAL };
  } catch (error) {
    return { session: next.refused, reply: refuse(state, error, STAGES[next.check.kind]) };
  }
}

const WRONG_CREDENTIAL = reply(535, '5.7.8', 'Wrong user name or password');

/** Returns false for a wrong credential. Throws the other refusals. */
async function runCheck(state: State, check: SessionCheck): Promise<boolean> {
  const { context, client, sender } = state;
  if (check.kind === 'log-in') {
    state.sender = await context.logIn({ user: check.user, password: check.password }, client);
    if (state.sender === undefined) context.log.warn({ client }, 'an SMTP client sent a wrong credential');
    return state.sender !== undefined;
  }
  if (sender === undefined) throw new Error('bug: no client has logged in');
  if (check.kind === 'sender') await sender.checkSender(check.sender);
  else await sender.checkRecipient(check.recipient, check.taken);
  return true;
}

function refuse({ context, client }: State, error: unknown, stage: Stage): SmtpReply {
  if (isBug(error)) context.log.error({ err: error, client, stage }, 'an SMTP command failed with a bug');
  return refusalReply(error, stage);
}

/** Receives a message and replies to its end. Returns a reason when the end did not arrive. */
async function takeMessage(state: State): Promise<StopReason | 'far-too-large' | undefined> {
  const { socket, lines, context, sender, session } = state;
  const { client, transaction } = session;
  if (client === undefined || sender === undefined || transaction === undefined)
    throw new Error('bug: DATA without a transaction');
  state.session = { ...session, transaction: undefined };
  const arrival = {
    ...{ clientName: client.name, clientAddress: state.client, hostName: context.hostName },
    ...{ isSecure: socket.isSecure, smtputf8: transaction.smtputf8, at: context.now() },
  };
  const trace = [receivedField(arrival)];
  const result = await receiveMessage({ socket, lines, context }, async mime => {
    try {
      const { id } = await sender.submit({ ...transaction, mime, trace });
      state.errors = 0;
      return reply(250, '2.0.0', `Ok: queued as ${id}`);
    } catch (error) {
      return refuse(state, error, 'dot');
    }
  });
  if (typeof result === 'string') return result;
  socket.write(formatReply(result));
  return undefined;
}

/** Does the TLS handshake. The session was reset before. */
async function secure(state: State): Promise<boolean> {
  const { certificate, timeouts } = state.context;
  if (certificate === undefined) throw new Error('TLS without a certificate');
  await state.socket.flush();
  const signal = AbortSignal.timeout(timeouts.tlsMs);
  const socket = await startTls(state.socket.release(), certificate(), signal);
  if (socket === undefined) return false;
  state.socket = createServerSocket(socket);
  return true;
}

/** RFC 3207 4.2: plain text that arrived with STARTTLS must not be read as part of the TLS session. */
function hasMore({ socket, lines }: State): boolean {
  return socket.hasUnread() || lines.takeRest().length > 0;
}

/** Returns true for the replies to unknown or wrong commands (RFC 5321 4.2.1). A correct client does not get them. */
function isProtocolError({ code }: SmtpReply): boolean {
  return code >= 500 && code < 505;
}
