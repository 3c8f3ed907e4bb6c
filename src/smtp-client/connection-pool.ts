import type { SecureContext } from 'node:tls';
import type { Reply, Transmission } from '../core/outcome.ts';
import type { Dial } from '../net/dial.ts';
import type { Mail } from './adapt-to-server.ts';
import { type Connection, type ConnectionOptions, createConnection } from './connection.ts';
import { type Opened, type OpeningFailure, type OpenSession, openSession } from './open-session.ts';
import type { SmtpEndpoint } from './smtp-endpoint.ts';
import { createTlsContext } from './tls-context.ts';
import type { Job } from './transaction.ts';

/** One message with an unanswered dot, one pipelined after it, and one ready for the moment of the reply. */
const PIPELINED_WINDOW = 3;
/** One message in progress and one ready. */
const SERIAL_WINDOW = 2;

export interface PoolOptions extends ConnectionOptions {
  readonly server: SmtpEndpoint;
  readonly maxConnections: number;
  /** Returns this gate's share of the connections, if several gates share the limit; absent: all. It can change at any time. */
  readonly shareOf?: (connections: number) => number;
  /** How long the pool uses only its open connections after a new one could not be opened. */
  readonly growthPauseMs: number;
  readonly dial: Dial;
  /** Called with each session that was opened. */
  readonly onSession?: (session: OpenSession) => void;
}

export interface SendMailOptions {
  /** Both as in `SendOptions` of a transport. */
  readonly beforeDot: (refused: readonly (Reply | undefined)[]) => void | Promise<void>;
  readonly onReply: (reply: Reply) => void;
  readonly signal: AbortSignal;
}

/** The connections to one server. Messages wait in one queue, and the connections take them from it. */
export interface Pool {
  /** Maximum number of messages that the pool can use at once. */
  readonly capacity: number;
  /** Rejects only with the error of `beforeDot`, or for a bug. */
  send(mail: Mail, options: SendMailOptions): Promise<Transmission>;
  /** Sends the messages that were passed to `send`, then closes. Each call resolves when everything is closed. */
  close(): Promise<void>;
}

interface State {
  readonly options: PoolOptions;
  waiting: Job[];
  readonly connections: Set<Connection>;
  /** Number of connections that are being opened. */
  opening: number;
  /** Monotonic ms. Until then no connection is added to open ones. */
  noGrowthUntil: number;
  /** The last attempt to connect failed: the next one is made alone. */
  isProbing: boolean;
  /** As in the last session. True before the first session. */
  isPipelined: boolean;
  /** Signals that have an abort listener. */
  readonly signals: WeakSet<AbortSignal>;
  readonly openSession: () => Promise<Opened>;
  isClosing: boolean;
  /** Number of connections that take no more messages but are not closed yet. */
  closingConnections: number;
  /** Aborted when no work is left, for connections that are still being opened. */
  readonly end: AbortController;
  readonly closed: PromiseWithResolvers<void>;
}

/** Creates a pool without connections. It opens and closes them as messages arrive. */
export function createPool(options: PoolOptions): Pool {
  const state = createState(options);
  return {
    get capacity() {
      // This is read regularly, so other gates get their share soon after it grows.
      retireExtra(state);
      return connectionLimit(options) * (state.isPipelined ? PIPELINED_WINDOW : SERIAL_WINDOW);
    },
    send(mail, { beforeDot, onReply, signal }) {
      if (state.isClosing) return Promise.resolve(notStarted('the transport is closed'));
      if (signal.aborted) return Promise.resolve(notStarted('stopped'));
      const { promise, resolve, reject } = Promise.withResolvers<Transmission>();
      if (connectionLimit(options) === 0 && state.connections.size + state.opening === 0)
        return Promise.resolve(notStarted('other gates use all connections that the provider allows'));
      listenToAbort(state, signal);
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
    closingConnections: 0,
    end,
    closed: Promise.withResolvers(),
  };
}

function connectionLimit({ maxConnections, shareOf }: PoolOptions): number {
  return shareOf?.(maxConnections) ?? maxConnections;
}

/** Closes connections over the limit: idle ones now, busy ones when they become idle. */
function retireExtra({ options, connections }: State): void {
  const idle = [...connections].filter(connection => connection.isIdle);
  for (const connection of idle.slice(0, Math.max(0, connections.size - connectionLimit(options)))) {
    connections.delete(connection);
    connection.retire();
  }
}

/** Returns true if there are too many connections. A connection that becomes free then gets no message. */
function isOverLimit({ options, connections }: State): boolean {
  return connections.size > connectionLimit(options);
}

/** Gives messages to idle connections first, then to busy ones as the next message, then opens connections. */
function distribute(state: State): void {
  for (const wanted of ['idle', 'busy'] as const) {
    for (const connection of state.connections) {
      if (state.waiting.length === 0) return;
      if (connection.isIdle === (wanted === 'idle')) connection.wake();
    }
  }
  while (needsConnection(state) && mayGrow(state)) open(state);
}

/** Returns true if a connection may be opened. A server that does not answer is tried by one connection at a time. */
function mayGrow({ options, connections, opening, isProbing, noGrowthUntil }: State): boolean {
  if (connections.size + opening >= connectionLimit(options)) return false;
  if (connections.size > 0) return performance.now() >= noGrowthUntil;
  return opening === 0 || !isProbing;
}

/**
 * Returns true if more messages wait than the connections can take. A message that was given back is not pipelined after
 * another one, so it needs a connection of its own.
 */
function needsConnection({ waiting, connections, opening, isPipelined }: State): boolean {
  const others = waiting.findIndex(job => !job.wasGivenBack);
  const givenBack = others < 0 ? waiting.length : others;
  if (givenBack > opening) return true;
  let slots = opening * (isPipelined ? 2 : 1);
  for (const connection of connections) slots += connection.freeSlots;
  return waiting.length > slots;
}

function open(state: State): void {
  state.opening++;
  state.openSession().then(
    opened => {
      state.opening--;
      state.isProbing = !opened.ok;
      if (opened.ok) addConnection(state, opened.session);
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

function addConnection(state: State, session: OpenSession): void {
  const { options, connections } = state;
  state.isPipelined = session.capabilities.pipelining;
  options.onSession?.(session);
  const connection: Connection = createConnection(session, options, {
    next: follow => {
      const isBlocked =
        (follow && state.waiting[0]?.wasGivenBack) || (isOverLimit(state) && connections.size > 1);
      return isBlocked ? undefined : state.waiting.shift();
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

/** If other connections are open, the messages wait for those. Otherwise they fail. */
function onOpeningFailed(state: State, { phase, reply, error, remote }: OpeningFailure): void {
  const { growthPauseMs } = state.options;
  state.noGrowthUntil = performance.now() + growthPauseMs;
  setTimeout(() => distribute(state), growthPauseMs + 1).unref();
  if (state.connections.size > 0 || state.opening > 0) return;
  const facts = { phase, ...(reply && { reply }), ...(error !== undefined && { error }), remote };
  for (const job of state.waiting.splice(0)) job.resolve({ ...facts, recipients: [] });
}

/** Puts a message at the front of the queue. It is not pipelined after another message again. */
function takeBack(state: State, job: Job): void {
  job.wasGivenBack = true;
  if (job.signal.aborted) job.resolve(notStarted('stopped'));
  else state.waiting.unshift(job);
}

function onGone(state: State, connection: Connection, wasStale: boolean): void {
  state.connections.delete(connection);
  state.closingConnections++;
  connection.retire().then(() => {
    state.closingConnections--;
    closeWhenDone(state);
  });
  if (wasStale) retireIdle(state);
  distribute(state);
}

/** If one idle connection was dead, the others probably are too. The message that was given back must not use them. */
function retireIdle({ connections }: State): void {
  const idle = [...connections].filter(connection => connection.isIdle);
  for (const connection of idle) connections.delete(connection);
  for (const connection of idle) connection.retire();
}

/** Adds one listener for each signal, however many messages share it. The signal may live longer than the pool. */
function listenToAbort(state: State, signal: AbortSignal): void {
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
  if (connections.size > 0 || state.closingConnections > 0) return;
  state.end.abort();
  if (state.opening === 0) state.closed.resolve();
}

function notStarted(error: string): Transmission {
  return { phase: 'mail', error, recipients: [] };
}
