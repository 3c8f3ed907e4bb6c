import type { Socket } from 'node:net';
import { createDeadline } from '../net/deadline.ts';
import type { SmtpSender } from '../operations/smtp-sender.ts';
import { isLoopback } from './client-address.ts';
import { receiveMessage } from './incoming-message.ts';
import { createLineSplitter, type Line } from './line-splitter.ts';
import { LONGEST_LINE, parseCommand, tooLongReply } from './parse-command.ts';
import { receivedField } from './received.ts';
import { isBug, refusalReply, type Stage } from './refusals.ts';
import { createServerSocket, type Halt, type ServerSocket, startTls } from './server-socket.ts';
import type { SmtpContext } from './smtp-context.ts';
import { plainReply, reply, type SmtpReply, wireText } from './smtp-reply.ts';
import {
  type Ask,
  hasTriedEnough,
  NEW_SESSION,
  type Offer,
  type SessionStep,
  type Settled,
  type SmtpSession,
  step,
  stepExchange,
} from './smtp-session.ts';

/** A client being served. */
export interface Conversation {
  /** Resolves when nothing more is said. */
  readonly ended: Promise<void>;
  /** Lets the message under way be answered, then says that we close. */
  close(): void;
}

/** Who has connected, and how. */
export interface Caller {
  /** IP address of the client itself, also where a proxy stands between. */
  readonly client: string;
  /** TLS from the start, not by STARTTLS. */
  readonly isImplicitTls: boolean;
}

/** Serves a client until it or we have had enough. */
export function startConversation(
  socket: Socket,
  { client, isImplicitTls }: Caller,
  context: SmtpContext,
): Conversation {
  const state: State = {
    context,
    client,
    wire: createServerSocket(socket),
    lines: createLineSplitter(),
    session: NEW_SESSION,
    sender: undefined,
    mistakes: 0,
    strangerUntil: performance.now() + context.timeouts.strangerMs,
    isClosing: false,
    isIdle: false,
  };
  const ended = (isImplicitTls ? secure(state) : Promise.resolve(true))
    .then(isReady => (isReady ? converse(state) : 'gone'))
    .then(halt => end(state, halt))
    .catch((error: unknown) => {
      context.log.error({ err: error }, 'an SMTP conversation failed');
      socket.destroy();
    });
  return {
    ended,
    close() {
      state.isClosing = true;
      if (state.isIdle) state.wire.halt('closing');
    },
  };
}

interface State {
  readonly context: SmtpContext;
  /** IP address. */
  readonly client: string;
  wire: ServerSocket;
  readonly lines: ReturnType<typeof createLineSplitter>;
  session: SmtpSession;
  /** Who logged in. */
  sender: SmtpSender | undefined;
  /** Commands refused for what they are, since the last message. */
  mistakes: number;
  /** Monotonic ms. */
  readonly strangerUntil: number;
  isClosing: boolean;
  /** Waits for a command. */
  isIdle: boolean;
}

/** What ends a conversation: the client's QUIT, something that it must not do, or a halt. */
type End = Halt | 'quit' | 'enough' | 'injection' | 'endless';

const MAX_MISTAKES = 30;
const ENDINGS: Readonly<Record<End, SmtpReply | undefined>> = {
  gone: undefined,
  quit: undefined,
  enough: reply(421, '4.7.0', 'Too many errors; closing'),
  injection: reply(421, '4.7.0', 'Nothing may follow STARTTLS before the handshake; closing'),
  // Not a 421: the same message would come again.
  endless: reply(552, '5.3.4', 'Far more than is accepted; closing'),
  late: reply(421, '4.4.2', 'Too slow; closing'),
  closing: reply(421, '4.3.2', 'Shutting down'),
};

async function converse(state: State): Promise<End> {
  state.wire.say(wireText(plainReply(220, `${state.context.hostName} ESMTP Postern`)));
  for (;;) {
    const line = await nextLine(state);
    if (typeof line === 'string') return line;
    const settled = await settle(state, stepOf(state, line));
    state.session = settled.session;
    if (hasTriedEnough(state.session, offerOf(state))) return 'enough';
    if (settled.next === 'starttls' && hasMore(state)) return 'injection';
    state.wire.say(wireText(settled.reply));
    if (isMistake(settled.reply) && ++state.mistakes > MAX_MISTAKES) return 'enough';
    if (settled.next === 'close') return 'quit';
    if (settled.next === 'starttls' && !(await secure(state))) return 'gone';
    if (settled.next === 'data') {
      const halt = await takeMessage(state);
      if (halt !== undefined) return halt;
    }
  }
}

function end({ wire }: State, why: End): void {
  const last = ENDINGS[why];
  if (last !== undefined) wire.say(wireText(last));
  wire.end();
}

async function nextLine(state: State): Promise<Line | Halt> {
  const { lines, wire, context } = state;
  const { commandMs } = context.timeouts;
  const strangerMs = state.strangerUntil - performance.now();
  const deadline = createDeadline(() => wire.halt('late'));
  deadline.set(state.session.isLoggedIn ? commandMs : Math.min(commandMs, strangerMs));
  state.isIdle = true;
  try {
    for (;;) {
      if (state.isClosing) return 'closing';
      const line = lines.next(LONGEST_LINE);
      if (line !== undefined) return line;
      const chunk = await wire.read();
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
    const wrong = line.kind === 'too-long' ? tooLongReply(session.exchange && 'AUTH') : NOT_TEXT;
    return { session: { ...session, exchange: undefined }, reply: wrong };
  }
  if (session.exchange !== undefined) return stepExchange(session, session.exchange, line.text);
  return step(session, parseCommand(line.text), offerOf(state));
}

const NOT_TEXT = reply(500, '5.5.2', 'A line is UTF-8 without control characters, and ends in CRLF');

function offerOf({ context, wire, client }: State): Offer {
  const { hostName, maxMessageBytes, maxRecipients, maxAuthTries, certificate, allowAuthInClear } = context;
  const starttls = certificate !== undefined && !wire.isSecure;
  const isAtHome = certificate === undefined && isLoopback(client);
  const auth = wire.isSecure || allowAuthInClear || isAtHome;
  return { hostName, maxMessageBytes, maxRecipients, maxAuthTries, starttls, auth };
}

const STAGES: Readonly<Record<Ask['kind'], Stage>> = { 'log-in': 'auth', sender: 'mail', recipient: 'rcpt' };

async function settle(state: State, next: SessionStep): Promise<Settled> {
  if (!('ask' in next)) return next;
  try {
    const isGranted = await grant(state, next.ask);
    return isGranted ? next.granted : { session: next.refused, reply: WRONG_CREDENTIAL };
  } catch (error) {
    return { session: next.refused, reply: refuse(state, error, STAGES[next.ask.kind]) };
  }
}

const WRONG_CREDENTIAL = reply(535, '5.7.8', 'Wrong user name or password');

/** Whether it may be; throws what it is refused for, where there is a word for that. */
async function grant(state: State, ask: Ask): Promise<boolean> {
  const { context, client, sender } = state;
  if (ask.kind === 'log-in') {
    state.sender = await context.logIn({ user: ask.user, password: ask.password }, client);
    if (state.sender === undefined) context.log.warn({ client }, 'a wrong credential came by SMTP');
    return state.sender !== undefined;
  }
  if (sender === undefined) throw new Error('Nobody has logged in');
  if (ask.kind === 'sender') await sender.checkSender(ask.sender);
  else await sender.checkRecipient(ask.recipient, ask.taken);
  return true;
}

function refuse({ context, client }: State, error: unknown, stage: Stage): SmtpReply {
  if (isBug(error)) context.log.error({ err: error, client, stage }, 'an SMTP command failed');
  return refusalReply(error, stage);
}

/** Receives a message and says what became of it; otherwise what kept its end from coming. */
async function takeMessage(state: State): Promise<Halt | 'endless' | undefined> {
  const { wire, lines, context, sender, session } = state;
  const { client, transaction } = session;
  if (client === undefined || sender === undefined || transaction === undefined)
    throw new Error('There is no transaction to take a message for');
  state.session = { ...session, transaction: undefined };
  const arrival = {
    ...{ clientName: client.name, clientAddress: state.client, hostName: context.hostName },
    ...{ isSecure: wire.isSecure, smtputf8: transaction.smtputf8, at: context.now() },
  };
  const trace = [receivedField(arrival)];
  const result = await receiveMessage(wire, lines, context, async mime => {
    try {
      const { id } = await sender.submit({ ...transaction, mime, trace });
      state.mistakes = 0;
      return reply(250, '2.0.0', `Ok: queued as ${id}`);
    } catch (error) {
      return refuse(state, error, 'dot');
    }
  });
  if (typeof result === 'string') return result;
  wire.say(wireText(result));
  return undefined;
}

/** Goes on in TLS, having heard nothing yet. */
async function secure(state: State): Promise<boolean> {
  const { certificate, timeouts } = state.context;
  if (certificate === undefined) throw new Error('TLS without a certificate');
  await state.wire.flush();
  const signal = AbortSignal.timeout(timeouts.tlsMs);
  const socket = await startTls(state.wire.release(), certificate(), signal);
  if (socket === undefined) return false;
  state.wire = createServerSocket(socket);
  return true;
}

/** RFC 3207 4.2 and its erratum of experience: what was sent along in clear must not be taken for said in TLS. */
function hasMore({ wire, lines }: State): boolean {
  return wire.hasUnread() || lines.takeRest().length > 0;
}

/** RFC 5321 4.2.1: what a client that knows the protocol is never told. */
function isMistake({ code }: SmtpReply): boolean {
  return code >= 500 && code < 505;
}
