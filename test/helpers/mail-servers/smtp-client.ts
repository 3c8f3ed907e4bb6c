import { afterEach } from 'vitest';
import type { Address } from '../../../src/core/address.ts';
import type { Phase, Transmission } from '../../../src/core/outcome.ts';
import type { Parcel } from '../../../src/delivery/transport.ts';
import { createDialer, type Dial } from '../../../src/net/dial.ts';
import { createPool, type Pool, type PoolOptions } from '../../../src/smtp-client/connection-pool.ts';
import { type SmtpEndpoint, STAGE_TIMEOUTS } from '../../../src/smtp-client/smtp-endpoint.ts';
import { freely, parcel } from '../../suites/transport.ts';
import { type SinkOptions, type SmtpSink, startSmtpSink } from './smtp-sink.ts';

/** What the sink offers when it does not know PIPELINING. */
export const SERIAL_OFFERS = ['SIZE 52428800', '8BITMIME', 'SMTPUTF8', 'ENHANCEDSTATUSCODES'];

export interface ClientOptions extends Partial<Omit<PoolOptions, 'server'>> {
  readonly server?: Partial<SmtpEndpoint>;
}

type Target = Pick<SmtpSink, 'port'> & { readonly host: string };

/** How a client of ours would talk to the sink. */
export function serverOf(sink: Target, server: Partial<SmtpEndpoint> = {}): SmtpEndpoint {
  return {
    host: sink.host,
    port: sink.port,
    encryption: 'none',
    clientName: 'gate.example.com',
    allowsAuthInClear: false,
    ...server,
  };
}

/** A pool over one connection to the sink, with RFC 5321's patience, unless told otherwise. */
export function poolTo(sink: Target, { server, ...options }: ClientOptions = {}): Pool {
  return createPool({
    server: serverOf(sink, server),
    dial: createDialer(),
    timeouts: STAGE_TIMEOUTS,
    toSevenBit: () => undefined,
    maxConnections: 1,
    idleMs: 30_000,
    maxMessages: 1_000,
    maxAgeMs: 600_000,
    followerTimeoutMs: 10_000,
    growthPauseMs: 5_000,
    ...options,
  });
}

/** Starts sinks and pools for a test, and closes them after it. */
export function smtpFixtures() {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    // A pool first lets its messages end, which only a sink that goes away may make them do.
    await Promise.all(open.splice(0).map(one => one.close()));
  });
  const sink = async (options: SinkOptions = {}): Promise<SmtpSink> => {
    const started = await startSmtpSink(options);
    open.push(started);
    return started;
  };
  const pool = (target: Target, options: ClientOptions = {}): Pool => {
    const started = poolTo(target, options);
    open.push(started);
    return started;
  };
  return {
    sink,
    pool,
    async start(sinkOptions: SinkOptions = {}, options: ClientOptions = {}) {
      const started = await sink(sinkOptions);
      return { sink: started, pool: pool(started, options) };
    },
  };
}

/** A message for `r<number>@example.net`. */
export function numbered(i: number): Parcel {
  return parcel({ recipients: [`r${i}@example.net` as Address] });
}

/** Messages 0, 1, 2 … at once. */
export function sendMany(pool: Pool, count: number, signal = freely().signal): Promise<Transmission>[] {
  return Array.from({ length: count }, (_, i) => pool.send(numbered(i), { ...freely(), signal }));
}

export function phasesOf(sent: readonly Transmission[]): Phase[] {
  return sent.map(({ phase }) => phase);
}

/** Of all messages whose dot was read, in that order. */
export function recipientsOf(sink: SmtpSink): string[] {
  return sink.messages.flatMap(({ recipients }) => recipients);
}

/** Dials in earnest, counts, and waits for leave where it is told to; false: nobody answers. */
export function countingDial(mayDial: (count: number) => boolean | Promise<boolean> = () => true) {
  const dial = createDialer();
  const counted = { count: 0 };
  const counting: Dial = async request =>
    (await mayDial(++counted.count)) ? dial(request) : { ok: false, phase: 'connect', error: 'no more' };
  return { counted, dial: counting };
}
