import { connect, type Socket } from 'node:net';
import { sharedClockMs } from '../clock.ts';
import { findPlaces, stamp } from '../stamp.ts';
import { createLatencies, type Latencies } from './latencies.ts';
import { readStatus } from './reply.ts';

/** The requests to send, and their targets. */
export interface LoadTask {
  /** At least one. Connections are spread over them evenly. */
  readonly targets: readonly Target[];
  /** Number of keep-alive connections. Each has one request in progress at a time. */
  readonly connections: number;
  /** Number of the first message; the others follow. */
  readonly first: number;
  readonly count: number;
  /** Limit for the whole load. */
  readonly timeoutMs: number;
}

/** A gate and the request to send to it. */
export interface Target {
  readonly host: string;
  readonly port: number;
  /** A complete HTTP request, with placeholders for the number of the message. */
  readonly request: Uint8Array;
}

export interface LoadResult {
  /** Times of the first request and the last reply on the shared clock. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** For each message, from `first`: 1 if it was accepted. */
  readonly accepted: Uint8Array;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** The first reply with another status than 2xx; absent if there was none. */
  readonly refusal?: string;
}

interface Load {
  readonly task: LoadTask;
  readonly clients: Client[];
  readonly latencies: Latencies;
  readonly accepted: Uint8Array;
  next: number;
  done: number;
  refusal: string | undefined;
  readonly finished: PromiseWithResolvers<void>;
}

/** One connection. */
interface Client {
  readonly load: Load;
  readonly socket: Socket;
  /** The copy of the request for this connection, and the offsets of its number. */
  readonly request: Buffer;
  readonly places: readonly number[];
  id: number;
  sentAt: number;
  /** The received part of an incomplete reply. */
  rest: Buffer;
}

const READ_BYTES = 64 * 1024;
const NOTHING = Buffer.alloc(0);

/** Sends all messages. Each connection waits for the reply before it sends the next request. */
export async function loadHttp(task: LoadTask): Promise<LoadResult> {
  const load = createLoad(task);
  const timer = setTimeout(() => {
    load.finished.reject(new Error(`${task.count - load.done} requests were not answered in time.`));
  }, task.timeoutMs);
  try {
    await openClients(load);
    const startedAt = sharedClockMs();
    for (const client of load.clients) sendNext(client);
    await load.finished.promise;
    return resultOf(load, startedAt, sharedClockMs());
  } finally {
    clearTimeout(timer);
    for (const client of load.clients) client.socket.destroy();
  }
}

function createLoad(task: LoadTask): Load {
  const load = {
    task,
    clients: [],
    latencies: createLatencies(task.count),
    accepted: new Uint8Array(task.count),
    next: 0,
    done: 0,
    refusal: undefined,
    finished: Promise.withResolvers<void>(),
  };
  // It may reject before anything awaits it.
  load.finished.promise.catch(() => {});
  return load;
}

async function openClients(load: Load): Promise<void> {
  const { connections, count, targets } = load.task;
  // All sockets share it: each callback copies its bytes before the next read.
  const shared = Buffer.alloc(READ_BYTES);
  const opening = Array.from({ length: Math.min(connections, count) }, (_, i) => {
    const target = targets[i % targets.length];
    return target && openClient(load, target, shared);
  });
  await Promise.race([Promise.all(opening), load.finished.promise]);
}

function openClient(load: Load, { host, port, request }: Target, shared: Buffer): Promise<void> {
  const socket = connect({
    host,
    port,
    noDelay: true,
    onread: {
      buffer: shared,
      callback(length) {
        take(client, shared.subarray(0, length));
        return true;
      },
    },
  });
  const own = Buffer.from(request);
  const client: Client = {
    ...{ load, socket, request: own, places: findPlaces(own) },
    ...{ id: 0, sentAt: 0, rest: NOTHING },
  };
  load.clients.push(client);
  const fail = (why: string) => load.finished.reject(new Error(why));
  socket.on('error', error => fail(`The connection to the gate failed: ${error.message}`));
  socket.on('end', () => fail('The gate closed a connection.'));
  return new Promise(resolve => socket.once('connect', resolve));
}

function sendNext(client: Client): void {
  const { load, request, places, socket } = client;
  if (load.next === load.task.count) return;
  client.id = load.next++;
  stamp(request, places, load.task.first + client.id);
  client.sentAt = performance.now();
  socket.write(request);
}

function take(client: Client, bytes: Buffer): void {
  const input = client.rest.length === 0 ? bytes : Buffer.concat([client.rest, bytes]);
  let status: number | undefined;
  try {
    status = readStatus(input);
  } catch (error) {
    client.load.finished.reject(error);
    return;
  }
  client.rest = status === undefined ? Buffer.from(input) : NOTHING;
  if (status !== undefined) settle(client, status, input);
}

function settle(client: Client, status: number, reply: Buffer): void {
  const { load, id, sentAt } = client;
  load.latencies.add(performance.now() - sentAt);
  if (status >= 200 && status < 300) load.accepted[id] = 1;
  else load.refusal ??= reply.toString();
  load.done += 1;
  if (load.done === load.task.count) load.finished.resolve();
  else sendNext(client);
}

function resultOf(load: Load, startedAt: number, endedAt: number): LoadResult {
  const { latencies, accepted, refusal } = load;
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
