import { connect, type Socket } from 'node:net';
import { sharedClockMs } from '../clock.ts';
import { findPlaces, stamp } from '../stamp.ts';
import { createLatencies, type Latencies } from './latencies.ts';
import { type HttpReply, readReply } from './reply.ts';

/** What to hand in, and where. */
export interface LoadTask {
  readonly host: string;
  readonly port: number;
  /** A whole request, with placeholders for the number of the message. */
  readonly request: Uint8Array;
  /** Kept alive; each has one request under way at a time. */
  readonly connections: number;
  /** The numbers of the messages: so many from `first`. */
  readonly first: number;
  readonly count: number;
  /** The whole load takes no longer. */
  readonly timeoutMs: number;
}

export interface LoadResult {
  /** When the first request left and the last reply came, on the shared clock. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** For each message, from `first`, 1 when it was accepted. */
  readonly accepted: Uint8Array;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** The first reply that was not a 2xx; absent when all were. */
  readonly refusal?: string;
}

interface Round {
  readonly task: LoadTask;
  readonly places: readonly number[];
  readonly latencies: Latencies;
  readonly accepted: Uint8Array;
  next: number;
  done: number;
  refusal: string | undefined;
  readonly finished: PromiseWithResolvers<void>;
}

interface Lane {
  readonly round: Round;
  readonly socket: Socket;
  /** This connection's own copy of the request. */
  readonly request: Buffer;
  id: number;
  sentAt: number;
  /** The beginning of a reply that came in pieces. */
  rest: Buffer;
}

const READ_BYTES = 64 * 1024;
const NOTHING = Buffer.alloc(0);

/** Hands in all messages over connections that each wait for one reply before the next request. */
export async function loadHttp(task: LoadTask): Promise<LoadResult> {
  const round = createRound(task);
  const timer = setTimeout(() => {
    round.finished.reject(new Error(`${task.count - round.done} requests were not answered in time.`));
  }, task.timeoutMs);
  const lanes: Lane[] = [];
  try {
    lanes.push(...(await openLanes(round)));
    const startedAt = sharedClockMs();
    for (const lane of lanes) sendNext(lane);
    await round.finished.promise;
    return resultOf(round, startedAt, sharedClockMs());
  } finally {
    clearTimeout(timer);
    for (const lane of lanes) lane.socket.destroy();
  }
}

function createRound(task: LoadTask): Round {
  const round = {
    task,
    places: findPlaces(Buffer.from(task.request)),
    latencies: createLatencies(task.count),
    accepted: new Uint8Array(task.count),
    next: 0,
    done: 0,
    refusal: undefined,
    finished: Promise.withResolvers<void>(),
  };
  // It may fail before anybody waits for it.
  round.finished.promise.catch(() => {});
  return round;
}

function openLanes(round: Round): Promise<Lane[]> {
  const { connections, count } = round.task;
  // Bytes are taken out of it before anything else is read.
  const shared = Buffer.alloc(READ_BYTES);
  const opening = Array.from({ length: Math.min(connections, count) }, () => openLane(round, shared));
  return Promise.race([Promise.all(opening), round.finished.promise.then(() => [])]);
}

function openLane(round: Round, shared: Buffer): Promise<Lane> {
  const { host, port, request } = round.task;
  const { promise, resolve, reject } = Promise.withResolvers<Lane>();
  const socket = connect({
    host,
    port,
    noDelay: true,
    onread: {
      buffer: shared,
      callback(length) {
        take(lane, shared.subarray(0, length));
        return true;
      },
    },
  });
  const lane: Lane = { round, socket, request: Buffer.from(request), id: 0, sentAt: 0, rest: NOTHING };
  const fail = (error: Error) => {
    reject(error);
    round.finished.reject(error);
  };
  socket.once('connect', () => resolve(lane));
  socket.on('error', error => fail(new Error(`The connection to the gate failed: ${error.message}`)));
  socket.on('end', () => fail(new Error('The gate closed a connection.')));
  return promise;
}

function sendNext(lane: Lane): void {
  const { round, request, socket } = lane;
  if (round.next === round.task.count) return;
  lane.id = round.next++;
  stamp(request, round.places, round.task.first + lane.id);
  lane.sentAt = performance.now();
  socket.write(request);
}

function take(lane: Lane, bytes: Buffer): void {
  const input = lane.rest.length === 0 ? bytes : Buffer.concat([lane.rest, bytes]);
  let reply: HttpReply | undefined;
  try {
    reply = readReply(input);
  } catch (error) {
    lane.round.finished.reject(error);
    return;
  }
  lane.rest = reply === undefined ? Buffer.from(input) : NOTHING;
  if (reply !== undefined) settle(lane, reply.status, input);
}

function settle(lane: Lane, status: number, reply: Buffer): void {
  const { round, id, sentAt } = lane;
  round.latencies.add(performance.now() - sentAt);
  if (status >= 200 && status < 300) round.accepted[id] = 1;
  else round.refusal ??= reply.toString();
  round.done += 1;
  if (round.done === round.task.count) round.finished.resolve();
  else sendNext(lane);
}

function resultOf(round: Round, startedAt: number, endedAt: number): LoadResult {
  const { latencies, accepted, refusal } = round;
  return {
    startedAt,
    endedAt,
    accepted,
    p50Ms: latencies.percentile(0.5),
    p99Ms: latencies.percentile(0.99),
    maxMs: latencies.percentile(1),
    ...(refusal !== undefined && { refusal }),
  };
}
