import { formatReplyLine, type Reply } from '../core/outcome.ts';
import type { ToSevenBit } from './adapt-to-server.ts';
import { quit } from './client-socket.ts';
import type { OpenSession } from './open-session.ts';
import { sendBody } from './send-body.ts';
import type { StageTimeouts } from './smtp-endpoint.ts';
import {
  failTransaction,
  handleReply,
  type Job,
  nextCommand,
  openTransaction,
  rejectTransaction,
  type Step,
  type Transaction,
} from './transaction.ts';

const QUIT_WAIT_MS = 2_000;
const CLOSING = 421;

export interface ConnectionOptions {
  readonly timeouts: StageTimeouts;
  readonly toSevenBit: ToSevenBit;
  /** Closed after this time without a message. */
  readonly idleMs: number;
  /** Number of messages and age after which it takes no more messages. */
  readonly maxMessages: number;
  readonly maxAgeMs: number;
  /** How long a message may wait behind the unanswered dot of another before another connection takes it. */
  readonly followerTimeoutMs: number;
}

/** The source of the messages of a connection. The connection also reports to it. */
export interface JobSource {
  /** Returns the next waiting message. `follow`: it is pipelined after another one. Undefined when there is none. */
  next(follow: boolean): Job | undefined;
  /** Takes back a message to send it again. The server cannot have accepted any part of it. */
  takeBack(job: Job): void;
  /** The connection is idle, or has given back a message. */
  onChange(): void;
  /** The connection takes no more messages. `wasStale`: the server had closed it after earlier use. */
  onGone(wasStale: boolean): void;
}

/** An open connection that takes messages from its source and sends them one after the other. */
export interface Connection {
  readonly isIdle: boolean;
  /** How many more messages it can take, now or together with its next dot. */
  readonly freeSlots: number;
  /** Takes messages from the source, if it can start one now. */
  wake(): void;
  /** Stops the messages of this signal: before the dot it closes, after the dot it stops waiting for the reply. */
  abort(signal: AbortSignal): void;
  /** Takes no more messages. Resolves when the current messages have ended and the connection is closed. */
  retire(): Promise<void>;
}

interface State {
  readonly session: OpenSession;
  readonly options: ConnectionOptions;
  readonly source: JobSource;
  /** Monotonic ms. */
  readonly retireAt: number;
  /** The transaction whose replies come next, and the one that is pipelined after it. */
  head: Transaction | undefined;
  follower: Transaction | undefined;
  /** What to write after all replies of this read were handled. */
  due: 'nothing' | 'command' | 'body' | 'lone dot' | 'RSET';
  /** Monotonic ms at which the end of the head's message was sent. */
  dotAt: number;
  started: number;
  hasIdled: boolean;
  isOpen: boolean;
  isRetiring: boolean;
  /** The client waits for the reply to RSET. */
  isResetting: boolean;
  /** The follower was taken away after its commands were sent: the connection cannot be used for other messages. */
  mustClose: boolean;
  readonly closed: PromiseWithResolvers<void>;
}

/** Sends messages over a session. Nothing happens before the first `wake`. */
export function createConnection(
  session: OpenSession,
  options: ConnectionOptions,
  source: JobSource,
): Connection {
  const state: State = {
    session,
    options,
    source,
    retireAt: performance.now() + options.maxAgeMs,
    head: undefined,
    follower: undefined,
    due: 'nothing',
    dotAt: 0,
    started: 0,
    hasIdled: false,
    isOpen: true,
    isRetiring: false,
    isResetting: false,
    mustClose: false,
    closed: Promise.withResolvers(),
  };
  session.socket.listener = {
    reply: reply => onReply(state, reply),
    settled: () => proceed(state),
    lost: why => finish(state, why),
    expired: () => onExpired(state),
  };
  return {
    get isIdle() {
      return state.head === undefined && !state.isResetting && takesMore(state);
    },
    get freeSlots() {
      return freeSlotsOf(state) > 0 && takesMore(state) ? freeSlotsOf(state) : 0;
    },
    wake: () => proceed(state),
    abort: signal => abort(state, signal),
    retire() {
      state.isRetiring = true;
      if (state.isOpen && state.head === undefined && !state.isResetting) leave(state);
      return state.closed.promise;
    },
  };
}

// ——— incoming replies ———

function onReply(state: State, reply: Reply): void {
  const { head } = state;
  if (state.isResetting) {
    state.isResetting = false;
    if (reply.code !== 250) end(state, `RSET was refused: ${formatReplyLine(reply)}`);
  } else if (head === undefined || (state.due !== 'nothing' && state.due !== 'body')) {
    end(state, `protocol error: unexpected reply ${formatReplyLine(reply)}`);
  } else if (reply.code === CLOSING && canGoElsewhere(state, head)) {
    end(state, formatReplyLine(reply));
  } else {
    follow(state, head, handleReply(head, reply, isPipelined(state)));
  }
}

/** Notes the next step after a reply. It is written when all replies of this read are known. */
function follow(state: State, head: Transaction, step: Step): void {
  const { dataMs, commandMs } = state.options.timeouts;
  switch (step) {
    case 'continue':
      state.session.socket.setDeadline(head.stage === 'data' ? dataMs : commandMs);
      if (!isPipelined(state)) state.due = 'command';
      break;
    case 'body':
    case 'lone dot':
      state.due = step;
      break;
    case 'ended':
    case 'reset':
      if (step === 'reset') state.due = 'RSET';
      advance(state);
      break;
    case 'broken':
      end(state, 'the connection cannot be used further');
  }
}

function advance(state: State): void {
  state.head = state.follower;
  state.follower = undefined;
  if (state.mustClose) end(state, 'a pipelined message was taken away');
  else state.session.socket.setDeadline(state.options.timeouts.commandMs);
}

function onExpired(state: State): void {
  const { head, follower } = state;
  if (head === undefined && !state.isResetting) {
    leave(state);
  } else if (head?.stage === 'dot' && follower !== undefined) {
    state.follower = undefined;
    state.mustClose = true;
    awaitDot(state, state.options.timeouts.dotMs);
    state.source.takeBack(follower.job);
    state.source.onChange();
  } else {
    end(state, 'no reply in time');
  }
}

// ——— outgoing data ———

/** Writes what is due, or starts a message. */
function proceed(state: State): void {
  const { head, due } = state;
  const { socket } = state.session;
  if (!state.isOpen) return;
  state.due = 'nothing';
  if (due === 'RSET') {
    state.isResetting = true;
    socket.write('RSET\r\n');
  } else if (state.isResetting) {
    // The next message waits for the reply to RSET.
  } else if (head === undefined) {
    startHead(state);
  } else if (due === 'body') {
    sendMessage(state, head);
  } else if (due === 'command') {
    socket.write(nextCommand(head));
  } else if (due === 'lone dot') {
    state.dotAt = performance.now();
    awaitDot(state, state.options.timeouts.dotMs);
    socket.write('.\r\n');
  } else if (head.stage === 'dot') {
    startFollower(state);
  }
}

function startHead(state: State): void {
  const { session, options } = state;
  const head = nextTransaction(state, false);
  state.head = head;
  if (head !== undefined) {
    session.socket.setDeadline(options.timeouts.commandMs);
    session.socket.write(isPipelined(state) ? head.commands.join('') : nextCommand(head));
  } else if (takesMore(state)) {
    state.hasIdled = true;
    session.socket.setDeadline(options.idleMs);
    state.source.onChange();
  } else {
    leave(state);
  }
}

/** Starts a message that arrived too late to be sent together with the dot before it. */
function startFollower(state: State): void {
  const follower = freeSlotsOf(state) === 0 ? undefined : nextTransaction(state, true);
  if (follower === undefined) return;
  state.follower = follower;
  const { timeouts, followerTimeoutMs } = state.options;
  awaitDot(state, Math.min(timeouts.dotMs, performance.now() - state.dotAt + followerTimeoutMs));
  state.session.socket.write(follower.commands.join(''));
}

function sendMessage(state: State, head: Transaction): void {
  if (isInterrupted(state)) return;
  sendBody(head, state.session.socket, state.options.timeouts.blockMs, {
    ready(unsent) {
      if (!isInterrupted(state)) sendEnd(state, head, unsent);
    },
    failed(error) {
      rejectTransaction(head, error);
      end(state, 'the dot was not permitted');
    },
  });
}

/** Closes if the server sends data while the client sends the message: such a server cannot be trusted further. */
function isInterrupted(state: State): boolean {
  if (!state.session.socket.hasPartialReply) return false;
  end(state, 'protocol error: the server sent data during the message');
  return true;
}

/** RFC 2920 3.1: the end of one message and the commands of the next may be sent together. */
function sendEnd(state: State, head: Transaction, unsent: Buffer): void {
  const { timeouts, followerTimeoutMs } = state.options;
  head.stage = 'dot';
  state.dotAt = performance.now();
  state.follower = freeSlotsOf(state) === 0 ? undefined : nextTransaction(state, true);
  const { follower } = state;
  awaitDot(state, follower === undefined ? timeouts.dotMs : Math.min(timeouts.dotMs, followerTimeoutMs));
  state.session.socket.writeWith(unsent, head.endOfData + (follower?.commands.join('') ?? ''));
}

/** Sets the deadline to `ms` after the dot. */
function awaitDot({ session, dotAt }: State, ms: number): void {
  session.socket.setDeadline(Math.max(1, dotAt + ms - performance.now()));
}

function nextTransaction(state: State, follow: boolean): Transaction | undefined {
  const { session, options, source } = state;
  while (takesMore(state)) {
    const job = source.next(follow);
    if (job === undefined) return undefined;
    const transaction = openTransaction(job, session, options.toSevenBit);
    if (transaction === undefined) continue;
    state.started++;
    return transaction;
  }
  return undefined;
}

/** A connection takes at least one message, whatever its limits: otherwise no message could be sent. */
function takesMore({ isOpen, isRetiring, mustClose, started, retireAt, options }: State): boolean {
  if (!isOpen || isRetiring || mustClose) return false;
  return started === 0 || (started < options.maxMessages && performance.now() < retireAt);
}

/** A pipelining server gets two messages at once: one with an unanswered dot, and one after it. */
function freeSlotsOf(state: State): number {
  const taken = (state.head === undefined ? 0 : 1) + (state.follower === undefined ? 0 : 1);
  return (isPipelined(state) ? 2 : 1) - taken;
}

function isPipelined({ session }: State): boolean {
  return session.capabilities.pipelining;
}

// ——— end of a connection ———

function abort(state: State, signal: AbortSignal): void {
  const { head, follower } = state;
  if (follower?.job.signal === signal) {
    failTransaction(follower, 'stopped');
    state.follower = undefined;
    state.mustClose = true;
  }
  if (head?.job.signal === signal && !head.isSettled) end(state, 'stopped');
}

/** Closes with QUIT. */
function leave(state: State): void {
  state.isOpen = false;
  quit(state.session.socket, QUIT_WAIT_MS).then(() => state.closed.resolve());
  state.source.onGone(false);
}

/** Closes immediately. */
function end(state: State, why: string): void {
  state.session.socket.close();
  finish(state, why);
}

/** Reports the messages of a closed connection. It gives back messages that the server cannot have accepted. */
function finish(state: State, why: string): void {
  if (!state.isOpen) return;
  state.isOpen = false;
  const { head, follower, source } = state;
  const wasStale = head !== undefined && canGoElsewhere(state, head);
  if (follower !== undefined) source.takeBack(follower.job);
  if (head !== undefined && wasStale) source.takeBack(head.job);
  else if (head !== undefined) failTransaction(head, why);
  state.closed.resolve();
  source.onGone(wasStale);
}

/**
 * Returns true if a message may be sent again on another connection. The server closed a connection that had worked before,
 * and did not reply to any command of this message. This is done once for a message.
 */
function canGoElsewhere({ started, hasIdled }: State, { stage, job }: Transaction): boolean {
  return stage === 'mail' && (started > 1 || hasIdled) && !job.wasGivenBack && !job.signal.aborted;
}
