import type { SecureContext } from 'node:tls';
import type { Reply, Transmission } from '../core/outcome.ts';
import type { Dial } from '../net/dial.ts';
import type { Mail } from './adapt-to-server.ts';
import { type Connection, type ConnectionOptions, createConnection } from './connection.ts';
import { type Opened, type OpeningFailure, type OpenSession, openSession } from './open-session.ts';
import type { SmtpEndpoint } from './smtp-endpoint.ts';
import { createTlsContext } from './tls-context.ts';
import type { Job } from './transaction.ts';

/** One message whose dot is unanswered, one behind it, and one at hand when the reply comes. */
const PIPELINED_WINDOW = 3;
/** One under way, one at hand. */
const SERIAL_WINDOW = 2;

export interface PoolOptions extends ConnectionOptions {
  readonly server: SmtpEndpoint;
  readonly maxConnections: number;
  /** How many of them are ours now, where others use the same server's; absent: all. May change at any time. */
  readonly shareOf?: (connections: number) => number;
  /** How long the pool makes do with the connections it has when a further one could not be opened. */
  readonly growthPauseMs: number;
  readonly dial: Dial;
  /** Told of each session that was opened. */
  readonly onSession?: (session: OpenSession) => void;
}

export interface SendMailOptions {
  /** Both as `SendOptions` of a transport has them. */
  readonly beforeDot: (refused: readonly (Reply | undefined)[]) => void | Promise<void>;
  readonly onReply: (reply: Reply) => void;
  readonly signal: AbortSignal;
}

/** The connections to one server: messages wait in one queue and the connections pull them. */
export interface Pool {
  /** How many messages it can usefully have at once. */
  readonly capacity: number;
  /** Rejects only with what `beforeDot` threw, or for a bug. */
  send(mail: Mail, options: SendMailOptions): Promise<Transmission>;
  /** Lets what was handed in end, then closes; every call resolves when that is done. */
  close(): Promise<void>;
}

interface State {
  readonly options: PoolOptions;
  waiting: Job[];
  readonly connections: Set<Connection>;
  /** Connections being opened. */
  opening: number;
  /** Monotonic ms; until then no connection is added to those that work. */
  noGrowthUntil: number;
  /** The last attempt to connect failed, so the next is made alone. */
  isProbing: boolean;
  /** As the last session said; a guess before the first. */
  isPipelined: boolean;
  /** Signals that are listened to. */
  readonly signals: WeakSet<AbortSignal>;
  readonly openSession: () => Promise<Opened>;
  isClosing: boolean;
  /** Connections that take no more messages but are not closed yet. */
  leaving: number;
  /** Aborted once nothing is left to do, for connections that are still being opened. */
  readonly end: AbortController;
  readonly closed: PromiseWithResolvers<void>;
}

/** A pool without connections yet; they come and go with the messages. */
export function createPool(options: PoolOptions): Pool {
  const state = createState(options);
  return {
    get capacity() {
      // Asked for again and again, so that what others are to have now is given up soon.
      retireExtra(state);
      return limitOf(options) * (state.isPipelined ? PIPELINED_WINDOW : SERIAL_WINDOW);
    },
    send(mail, { beforeDot, onReply, signal }) {
      if (state.isClosing) return Promise.resolve(notStarted('the transport is closed'));
      if (signal.aborted) return Promise.resolve(notStarted('stopped'));
      const { promise, resolve, reject } = Promise.withResolvers<Transmission>();
      if (limitOf(options) === 0 && state.connections.size + state.opening === 0)
        return Promise.resolve(notStarted('other gates have all the connections that the server allows'));
      watch(state, signal);
      state.waiting.push({ mail, beforeDot, onReply, signal, resolve, reject, wasGivenBack: false });
      distribute(state);
      return promise;
    },
    close() {
      state.isClosing = true;
      closeWhenDone(state);
      return state.closed.promise;
    },
  };
}

function createState(options: PoolOptions): State {
  const { server, timeouts, dial } = options;
  const end = new AbortController();
  let context: SecureContext | undefined;
  const tlsContext = (): SecureContext => {
    context ??= createTlsContext(server);
    return context;
  };
  return {
    options,
    waiting: [],
    connections: new Set(),
    opening: 0,
    noGrowthUntil: 0,
    isProbing: false,
    isPipelined: true,
    signals: new WeakSet(),
    openSession: () => openSession({ server, timeouts, dial, tlsContext, signal: end.signal }),
    isClosing: false,
    leaving: 0,
    end,
    closed: Promise.withResolvers(),
  };
}

function limitOf({ maxConnections, shareOf }: PoolOptions): number {
  return shareOf?.(maxConnections) ?? maxConnections;
}

/** Idle ones at once; the others as soon as they are. */
function retireExtra({ options, connections }: State): void {
  const idle = [...connections].filter(connection => connection.isIdle);
  for (const connection of idle.slice(0, Math.max(0, connections.size - limitOf(options)))) {
    connections.delete(connection);
    connection.retire();
  }
}

/** Whether there are more connections than are ours: then no more messages go to those that become free. */
function isAbove({ options, connections }: State): boolean {
  return connections.size > limitOf(options);
}

/** Idle connections first, then places behind a message under way, then new connections. */
function distribute(state: State): void {
  for (const wanted of ['idle', 'busy'] as const) {
    for (const connection of state.connections) {
      if (state.waiting.length === 0) return;
      if (connection.isIdle === (wanted === 'idle')) connection.wake();
    }
  }
  while (needsConnection(state) && mayGrow(state)) open(state);
}

/** A server that does not answer is tried by one connection at a time. */
function mayGrow({ options, connections, opening, isProbing, noGrowthUntil }: State): boolean {
  if (connections.size + opening >= limitOf(options)) return false;
  if (connections.size > 0) return performance.now() >= noGrowthUntil;
  return opening === 0 || !isProbing;
}

/** There is more waiting than will soon be under way; what was given back does not follow others and counts for itself. */
function needsConnection({ waiting, connections, opening, isPipelined }: State): boolean {
  const others = waiting.findIndex(job => !job.wasGivenBack);
  const givenBack = others < 0 ? waiting.length : others;
  if (givenBack > opening) return true;
  let room = opening * (isPipelined ? 2 : 1);
  for (const connection of connections) room += connection.room;
  return waiting.length > room;
}

function open(state: State): void {
  state.opening++;
  state.openSession().then(
    opened => {
      state.opening--;
      state.isProbing = !opened.ok;
      if (opened.ok) welcome(state, opened.session);
      else onOpeningFailed(state, opened.failure);
      closeWhenDone(state);
    },
    bug => {
      state.opening--;
      for (const job of state.waiting.splice(0)) job.reject(bug);
      closeWhenDone(state);
    },
  );
}

function welcome(state: State, session: OpenSession): void {
  const { options, connections } = state;
  state.isPipelined = session.capabilities.pipelining;
  options.onSession?.(session);
  const connection: Connection = createConnection(session, options, {
    next: follow => {
      const mustWait = (follow && state.waiting[0]?.wasGivenBack) || (isAbove(state) && connections.size > 1);
      return mustWait ? undefined : state.waiting.shift();
    },
    takeBack: job => takeBack(state, job),
    onChange: () => {
      retireExtra(state);
      distribute(state);
      closeWhenDone(state);
    },
    onGone: wasStale => onGone(state, connection, wasStale),
  });
  connections.add(connection);
  connection.wake();
  distribute(state);
}

/** While there are other connections, the messages wait for those; else there is nothing to wait for. */
function onOpeningFailed(state: State, { phase, reply, error, remote }: OpeningFailure): void {
  const { growthPauseMs } = state.options;
  state.noGrowthUntil = performance.now() + growthPauseMs;
  setTimeout(() => distribute(state), growthPauseMs + 1).unref();
  if (state.connections.size > 0 || state.opening > 0) return;
  const facts = { phase, ...(reply && { reply }), ...(error !== undefined && { error }), remote };
  for (const job of state.waiting.splice(0)) job.resolve({ ...facts, recipients: [] });
}

/** It goes first, and not behind another message again. */
function takeBack(state: State, job: Job): void {
  job.wasGivenBack = true;
  if (job.signal.aborted) job.resolve(notStarted('stopped'));
  else state.waiting.unshift(job);
}

function onGone(state: State, connection: Connection, wasStale: boolean): void {
  state.connections.delete(connection);
  state.leaving++;
  connection.retire().then(() => {
    state.leaving--;
    closeWhenDone(state);
  });
  if (wasStale) retireIdle(state);
  distribute(state);
}

/** Where one idle connection was dead the others may well be, and the message given back shall not meet them. */
function retireIdle({ connections }: State): void {
  const idle = [...connections].filter(connection => connection.isIdle);
  for (const connection of idle) connections.delete(connection);
  for (const connection of idle) connection.retire();
}

/** One listener for each signal, however many messages share it; it may outlive the pool, but does not keep it. */
function watch(state: State, signal: AbortSignal): void {
  if (state.signals.has(signal)) return;
  state.signals.add(signal);
  const pool = new WeakRef(state);
  const onSignal = (): void => {
    const alive = pool.deref();
    if (alive !== undefined) onAbort(alive, signal);
  };
  signal.addEventListener('abort', onSignal, { once: true });
}

function onAbort(state: State, signal: AbortSignal): void {
  const stopped = state.waiting.filter(job => job.signal === signal);
  state.waiting = state.waiting.filter(job => job.signal !== signal);
  for (const job of stopped) job.resolve(notStarted('stopped'));
  for (const connection of state.connections) connection.abort(signal);
  closeWhenDone(state);
}

function closeWhenDone(state: State): void {
  const { isClosing, waiting, connections } = state;
  if (!isClosing || waiting.length > 0) return;
  for (const connection of connections) connection.retire();
  if (connections.size > 0 || state.leaving > 0) return;
  state.end.abort();
  if (state.opening === 0) state.closed.resolve();
}

function notStarted(error: string): Transmission {
  return { phase: 'mail', error, recipients: [] };
}
