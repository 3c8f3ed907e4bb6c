import { setTimeout as delay } from 'node:timers/promises';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import type { Config } from '../config/config-schema.ts';
import type { Endpoint } from '../http/http.ts';

/** A gate: every part of it built and joined. */
export interface Gate {
  /** Where it listens; absent when it does not. */
  readonly http?: Endpoint;
  /** One for each SMTP listener; empty when there is none. */
  readonly smtp: readonly Endpoint[];
  /** Answers a request as if it had come over HTTP. */
  inject(request: InjectOptions): Promise<LightMyRequestResponse>;
  /** Says that it is not ready for as long as configured, lets what is under way end within the grace, and closes everything. */
  stop(): Promise<void>;
}

/** A gate for as long as it has its lease. */
export interface RunningGate extends Gate {
  /** Resolves when other gates have taken its mail over. */
  readonly lost: Promise<void>;
}

const AGAIN_MS = 1_000;

/**
 * Runs a gate that outlives its lease: one that was out of touch for so long that the others took its mail over, because
 * its machine slept or its network was cut, ends what it has under way and begins anew at the same addresses.
 */
export async function startLasting(
  config: Config,
  begin: (config: Config) => Promise<RunningGate>,
): Promise<Gate> {
  const first = await begin(config);
  const again = atSamePlaces(config, first);
  const ending = new AbortController();
  let current: RunningGate | undefined = first;
  const following = follow(first);

  async function follow(begun: RunningGate): Promise<void> {
    const ended = new Promise<void>(resolve => ending.signal.addEventListener('abort', () => resolve()));
    for (let gate: RunningGate | undefined = begun; gate !== undefined; gate = current) {
      await Promise.race([gate.lost, ended]);
      if (ending.signal.aborted) return;
      current = undefined;
      await gate.stop();
      current = await beginAgain();
    }
  }

  /** What keeps it from beginning, such as a store that is away again, is in its log; it is tried until we are stopped. */
  async function beginAgain(): Promise<RunningGate | undefined> {
    while (!ending.signal.aborted) {
      const begun = await begin(again).catch(() => undefined);
      if (begun !== undefined) return begun;
      await delay(AGAIN_MS, undefined, { signal: ending.signal }).catch(() => {});
    }
    return undefined;
  }

  return {
    ...(first.http && { http: first.http }),
    smtp: first.smtp,
    inject: request => (current ?? first).inject(request),
    async stop() {
      ending.abort();
      await following;
      await current?.stop();
    },
  };
}

/** Port 0 took a free one: now it is that one. */
function atSamePlaces(config: Config, { http, smtp: [smtp] }: Gate): Config {
  return {
    ...config,
    ...(http && { http: { ...config.http, ...http } }),
    ...(smtp && { smtp: { ...config.smtp, ...smtp } }),
  };
}
