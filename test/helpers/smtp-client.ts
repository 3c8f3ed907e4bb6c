import { afterEach } from 'vitest';
import { createDialer } from '../../src/net/dial.ts';
import { createPool, type Pool, type PoolOptions } from '../../src/smtp/pool.ts';
import { type SmtpServer, STAGE_TIMEOUTS } from '../../src/smtp/server.ts';
import { type SinkOptions, type SmtpSink, startSmtpSink } from './smtp-sink.ts';

/** What the sink offers when it does not know PIPELINING. */
export const SERIAL_OFFERS = ['SIZE 52428800', '8BITMIME', 'SMTPUTF8', 'ENHANCEDSTATUSCODES'];

export interface ClientOptions extends Partial<Omit<PoolOptions, 'server'>> {
  readonly server?: Partial<SmtpServer>;
}

/** How a client of ours would talk to the sink. */
export function serverOf(sink: SmtpSink, server: Partial<SmtpServer> = {}): SmtpServer {
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
export function poolTo(sink: SmtpSink, { server, ...options }: ClientOptions = {}): Pool {
  return createPool({
    server: serverOf(sink, server),
    dial: createDialer(),
    timeouts: STAGE_TIMEOUTS,
    toSevenBit: () => undefined,
    maxConnections: 1,
    idleMs: 30_000,
    maxMessages: 1_000,
    maxAgeMs: 600_000,
    patienceMs: 10_000,
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
  return {
    async sink(options: SinkOptions = {}): Promise<SmtpSink> {
      const sink = await startSmtpSink(options);
      open.push(sink);
      return sink;
    },
    pool(sink: SmtpSink, options: ClientOptions = {}): Pool {
      const pool = poolTo(sink, options);
      open.push(pool);
      return pool;
    },
  };
}
