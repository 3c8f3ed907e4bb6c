import { type Reply, sayReply } from '../core/outcome.ts';
import type { ToSevenBit } from './adapt-to-server.ts';
import { quit } from './client-socket.ts';
import type { OpenSession } from './open-session.ts';
import { handOver } from './send-body.ts';
import type { StageTimeouts } from './smtp-endpoint.ts';
import {
  type Job,
  loseTransaction,
  nextCommand,
  openTransaction,
  rejectTransaction,
  type Step,
  type Transaction,
  takeReply,
} from './transaction.ts';

const QUIT_WAIT_MS = 2_000;
const CLOSING = 421;

export interface ConnectionOptions {
  readonly timeouts: StageTimeouts;
  readonly toSevenBit: ToSevenBit;
  /** Closed after so long without a message. */
  readonly idleMs: number;
  /** Messages after which, and age at which, it takes no further one. */
  readonly maxMessages: number;
  readonly maxAgeMs: number;
  /** How long a message may wait behind the unanswered dot of another before it is taken elsewhere. */
  readonly patienceMs: number;
}

/** Where a connection gets its messages, and whom it tells. */
export interface JobSource {
  /** The next waiting message, one to `follow` in the same write as the end of another; undefined when there is none. */
  next(follow: boolean): Job | undefined;
  /** Takes back a message of which nothing was sent that could be accepted, to be sent once more. */
  takeBack(job: Job): void;
  /** It has nothing to do, or has given back what it cannot do soon. */
  onChange(): void;
  /** It takes no more messages. `wasStale`: it had served before and was found dead. */
  onGone(wasStale: boolean): void;
}

/** An open connection that pulls messages from its source and sends them one after the other. */
export interface Connection {
  readonly isIdle: boolean;
  /** How many messages more it would take, now or with its next dot. */
  readonly room: number;
  /** Looks at the source, if it can start something now. */
  wake(): void;
  /** Stops what is under way for this signal: closes before the dot, stops waiting after it. */
  abort(signal: AbortSignal): void;
  /** Takes no more messages; resolves when what is under way has ended and the connection is closed. */
  retire(): Promise<void>;
}

interface State {
  readonly session: OpenSession;
  readonly options: ConnectionOptions;
  readonly source: JobSource;
  /** Monotonic ms. */
  readonly retireAt: number;
  /** Whose replies come next, and whose come after those. */
  head: Transaction | undefined;
  follower: Transaction | undefined;
  /** What is to be written once every reply of this read is known. */
  due: 'nothing' | 'command' | 'body' | 'lone dot' | 'RSET';
  /** When the end of the head's message left; monotonic ms. */
  dotAt: number;
  started: number;
  hasIdled: boolean;
  isOpen: boolean;
  isRetiring: boolean;
  /** The reply to RSET is awaited. */
  isResetting: boolean;
  /** A message was taken away from behind the head, with its commands already out: nothing can be said here any more. */
  mustClose: boolean;
  readonly closed: PromiseWithResolvers<void>;
}

/** Makes a session work. Nothing happens before the first `wake`. */
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
  session.wire.listener = {
    reply: reply => onReply(state, reply),
    settled: () => proceed(state),
    lost: why => finish(state, why),
    expired: () => onExpired(state),
  };
  return {
    get isIdle() {
      return state.head === undefined && !state.isResetting && takesMore(state);
    },
    get room() {
      return roomOf(state) > 0 && takesMore(state) ? roomOf(state) : 0;
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

// ——— what comes in ———————————————————————————————————————————————————————————————————————————————————————————

function onReply(state: State, reply: Reply): void {
  const { head } = state;
  if (state.isResetting) {
    state.isResetting = false;
    if (reply.code !== 250) end(state, `RSET was refused: ${sayReply(reply)}`);
  } else if (head === undefined || (state.due !== 'nothing' && state.due !== 'body')) {
    end(state, `protocol error: nobody asked for ${sayReply(reply)}`);
  } else if (reply.code === CLOSING && canGoElsewhere(state, head)) {
    end(state, sayReply(reply));
  } else {
    follow(state, head, takeReply(head, reply, isPipelined(state)));
  }
}

/** Remembers what a reply leads to; it is written when all replies of this read are known. */
function follow(state: State, head: Transaction, step: Step): void {
  const { dataMs, commandMs } = state.options.timeouts;
  switch (step) {
    case 'go on':
      state.session.wire.within(head.stage === 'data' ? dataMs : commandMs);
      if (!isPipelined(state)) state.due = 'command';
      break;
    case 'body':
    case 'lone dot':
      state.due = step;
      break;
    case 'over':
    case 'reset':
      if (step === 'reset') state.due = 'RSET';
      advance(state);
      break;
    case 'broken':
      end(state, 'the connection could not go on');
  }
}

function advance(state: State): void {
  state.head = state.follower;
  state.follower = undefined;
  if (state.mustClose) end(state, 'a message was taken away from behind another');
  else state.session.wire.within(state.options.timeouts.commandMs);
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

// ——— what goes out ———————————————————————————————————————————————————————————————————————————————————————————

/** Writes what is due, or starts what can be started. */
function proceed(state: State): void {
  const { head, due } = state;
  const { wire } = state.session;
  if (!state.isOpen) return;
  state.due = 'nothing';
  if (due === 'RSET') {
    state.isResetting = true;
    wire.write('RSET\r\n');
  } else if (state.isResetting) {
    // The next message waits for the reply.
  } else if (head === undefined) {
    startHead(state);
  } else if (due === 'body') {
    sendMessage(state, head);
  } else if (due === 'command') {
    wire.write(nextCommand(head));
  } else if (due === 'lone dot') {
    state.dotAt = performance.now();
    awaitDot(state, state.options.timeouts.dotMs);
    wire.write('.\r\n');
  } else if (head.stage === 'dot') {
    startFollower(state);
  }
}

function startHead(state: State): void {
  const { session, options } = state;
  const head = nextTransaction(state, false);
  state.head = head;
  if (head !== undefined) {
    session.wire.within(options.timeouts.commandMs);
    session.wire.write(isPipelined(state) ? head.commands.join('') : nextCommand(head));
  } else if (takesMore(state)) {
    state.hasIdled = true;
    session.wire.within(options.idleMs);
    state.source.onChange();
  } else {
    leave(state);
  }
}

/** For a message that came too late to share a write with the dot before it. */
function startFollower(state: State): void {
  const follower = roomOf(state) === 0 ? undefined : nextTransaction(state, true);
  if (follower === undefined) return;
  state.follower = follower;
  const { timeouts, patienceMs } = state.options;
  awaitDot(state, Math.min(timeouts.dotMs, performance.now() - state.dotAt + patienceMs));
  state.session.wire.write(follower.commands.join(''));
}

function sendMessage(state: State, head: Transaction): void {
  if (isInterrupted(state)) return;
  handOver(head, state.session.wire, state.options.timeouts.blockMs, {
    ready(unsent) {
      if (!isInterrupted(state)) sendEnd(state, head, unsent);
    },
    forbidden(error) {
      rejectTransaction(head, error);
      end(state, 'the message was held back');
    },
  });
}

/** Who speaks while it is our turn is not to be trusted with the rest. */
function isInterrupted(state: State): boolean {
  if (!state.session.wire.isMidReply) return false;
  end(state, 'protocol error: the server spoke during the message');
  return true;
}

/** RFC 2920 3.1: the end of one message and the commands of the next may travel together. */
function sendEnd(state: State, head: Transaction, unsent: Buffer): void {
  const { timeouts, patienceMs } = state.options;
  head.stage = 'dot';
  state.dotAt = performance.now();
  state.follower = roomOf(state) === 0 ? undefined : nextTransaction(state, true);
  const { follower } = state;
  awaitDot(state, follower === undefined ? timeouts.dotMs : Math.min(timeouts.dotMs, patienceMs));
  state.session.wire.writeWith(unsent, head.endOfData + (follower?.commands.join('') ?? ''));
}

/** Sets the deadline to so long after the dot. */
function awaitDot({ session, dotAt }: State, ms: number): void {
  session.wire.within(Math.max(1, dotAt + ms - performance.now()));
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

/** One message at least, or nothing would ever get through. */
function takesMore({ isOpen, isRetiring, mustClose, started, retireAt, options }: State): boolean {
  if (!isOpen || isRetiring || mustClose) return false;
  return started === 0 || (started < options.maxMessages && performance.now() < retireAt);
}

/** A pipelining server is kept busy by two: one whose dot is unanswered and one right behind it. */
function roomOf(state: State): number {
  const taken = (state.head === undefined ? 0 : 1) + (state.follower === undefined ? 0 : 1);
  return (isPipelined(state) ? 2 : 1) - taken;
}

function isPipelined({ session }: State): boolean {
  return session.capabilities.pipelining;
}

// ——— how it ends —————————————————————————————————————————————————————————————————————————————————————————————

function abort(state: State, signal: AbortSignal): void {
  const { head, follower } = state;
  if (follower?.job.signal === signal) {
    loseTransaction(follower, 'stopped');
    state.follower = undefined;
    state.mustClose = true;
  }
  if (head?.job.signal === signal && !head.isSettled) end(state, 'stopped');
}

/** Closes in good order. */
function leave(state: State): void {
  state.isOpen = false;
  quit(state.session.wire, QUIT_WAIT_MS).then(() => state.closed.resolve());
  state.source.onGone(false);
}

/** Closes at once. */
function end(state: State, why: string): void {
  state.session.wire.close();
  finish(state, why);
}

/** The connection is closed: what was on it is reported, or given back where nothing of it can have been accepted. */
function finish(state: State, why: string): void {
  if (!state.isOpen) return;
  state.isOpen = false;
  const { head, follower, source } = state;
  const wasStale = head !== undefined && canGoElsewhere(state, head);
  if (follower !== undefined) source.takeBack(follower.job);
  if (head !== undefined && wasStale) source.takeBack(head.job);
  else if (head !== undefined) loseTransaction(head, why);
  state.closed.resolve();
  source.onGone(wasStale);
}

/**
 * Nothing of it was answered on a connection that had served before: the far end closed it while it was idle or after
 * the message in front, which says nothing about this one. Once is enough.
 */
function canGoElsewhere({ started, hasIdled }: State, { stage, job }: Transaction): boolean {
  return stage === 'mail' && (started > 1 || hasIdled) && !job.wasGivenBack && !job.signal.aborted;
}
