import { setTimeout as delay } from 'node:timers/promises';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import type { Config } from '../config/config-schema.ts';
import type { Endpoint } from '../http/http.ts';

/** A started gate. */
export interface Gate {
  /** Address of the HTTP server; absent when the gate opens no port. */
  readonly http?: Endpoint;
  /** Addresses of the SMTP listeners, in the order of the configuration. */
  readonly smtp: readonly Endpoint[];
  /** Answers a request like the HTTP server, without a connection. */
  inject(request: InjectOptions): Promise<LightMyRequestResponse>;
  /** Reports "not ready" for the configured time, lets work end within the grace period, then closes everything. */
  stop(): Promise<void>;
}

/** One incarnation of a gate: it ends when its lease is lost. */
export interface RunningGate extends Gate {
  /** Resolves when other gates have taken over its mail. */
  readonly lost: Promise<void>;
}

const RETRY_MS = 1_000;

/**
 * Starts a gate, and starts it again each time its lease is lost. A lease is lost when the gate cannot renew it for too
 * long, because its machine slept or its network failed. The gate then stops and starts at the same addresses.
 */
export async function startWithRejoin(
  config: Config,
  startOnce: (config: Config) => Promise<RunningGate>,
): Promise<Gate> {
  const first = await startOnce(config);
  const configOfRestart = withSameAddresses(config, first);
  const stopping = new AbortController();
  let current: RunningGate | undefined = first;
  const following = follow(first);

  async function follow(started: RunningGate): Promise<void> {
    const stopped = new Promise<void>(resolve => stopping.signal.addEventListener('abort', () => resolve()));
    for (let gate: RunningGate | undefined = started; gate !== undefined; gate = current) {
      await Promise.race([gate.lost, stopped]);
      if (stopping.signal.aborted) return;
      current = undefined;
      await gate.stop();
      current = await restart();
    }
  }

  /** Tries until it succeeds or the gate is stopped. The gate logs the errors itself, for example a missing database. */
  async function restart(): Promise<RunningGate | undefined> {
    while (!stopping.signal.aborted) {
      const started = await startOnce(configOfRestart).catch(() => undefined);
      if (started !== undefined) return started;
      await delay(RETRY_MS, undefined, { signal: stopping.signal }).catch(() => {});
    }
    return undefined;
  }

  return {
    ...(first.http && { http: first.http }),
    smtp: first.smtp,
    inject: request => (current ?? first).inject(request),
    async stop() {
      stopping.abort();
      await following;
      await current?.stop();
    },
  };
}

/** Replaces port 0 by the port that the system chose at the first start. */
function withSameAddresses(config: Config, { http, smtp: [smtp] }: Gate): Config {
  return {
    ...config,
    ...(http && { http: { ...config.http, ...http } }),
    ...(smtp && { smtp: { ...config.smtp, ...smtp } }),
  };
}
