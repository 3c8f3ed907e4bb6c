import { until } from '../gates/gate.ts';
import type { ProgramEnd } from '../programs/program.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { type Books, balance } from './cluster-books.ts';
import { startFarEnd } from './cluster-far-end.ts';
import { type Load, startLoad } from './cluster-load.ts';

export interface ClusterOutages extends Books {
  readonly outages: number;
  /** From when the server could be reached again until mail was accepted again: the longest, ms. */
  readonly longestRecoveryMs: number;
  /** What callers were told meanwhile: `status retry-after`, and how often. */
  readonly refusals: Readonly<Record<string, number>>;
  /** How the gates ended, when they were stopped at last. */
  readonly ends: readonly ProgramEnd[];
}

/** `crash`: its immediate shutdown, and a start after a while; `cut`: all connections are ended. */
export type Outage = 'crash' | 'cut';

export interface ClusterOutageOptions {
  readonly nodes: number;
  readonly outages: readonly Outage[];
  /** How long a crashed server stays away. */
  readonly awayMs: number;
  /** Told after each outage, with how many there were. */
  readonly onOutage?: (outages: number) => void;
}

const LOAD = { clients: 10, pauseMs: 60 };
const DOT_MS = 40;
const ENOUGH = 40;

/** Takes the database away from gates under load, again and again. */
export async function takeDatabaseAway(options: ClusterOutageOptions): Promise<ClusterOutages> {
  const far = await startFarEnd({ dotMs: DOT_MS });
  const cluster = await startCluster({ nodes: options.nodes, smarthost: `127.0.0.1:${far.sink.port}` });
  const load = startLoad(cluster, LOAD);
  const recoveries: number[] = [];
  let ends: readonly ProgramEnd[] = [];
  try {
    for (const [i, outage] of options.outages.entries()) {
      await untilAccepted(load, ENOUGH);
      recoveries.push(await takeAway(cluster, load, outage, options.awayMs));
      options.onOutage?.(i + 1);
    }
    await load.stop();
    const books = await balance(cluster, load.acknowledged, far.transactions);
    ends = await cluster.stop();
    return {
      ...books,
      outages: options.outages.length,
      longestRecoveryMs: Math.round(Math.max(...recoveries)),
      refusals: Object.fromEntries(load.refusals),
      ends,
    };
  } finally {
    await load.stop();
    if (ends.length === 0) await cluster.stop();
    await far.sink.close();
  }
}

/** Resolves with how long it took, once the server was back, until mail was accepted again. */
async function takeAway(cluster: Cluster, load: Load, outage: Outage, awayMs: number): Promise<number> {
  if (outage === 'cut') {
    await cluster.cutConnections();
  } else {
    await cluster.server.crash();
    await new Promise(resolve => setTimeout(resolve, awayMs));
    await cluster.server.start();
  }
  const backAt = performance.now();
  await untilAccepted(load, 1);
  return performance.now() - backAt;
}

function untilAccepted({ acknowledged }: Load, more: number): Promise<unknown> {
  const enough = acknowledged.size + more;
  return until(() => acknowledged.size >= enough, 'mail to be accepted');
}
