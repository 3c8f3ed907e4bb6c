import { until } from '../gates/gate.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { type FarEnd, startFarEnd } from './cluster-far-end.ts';

export interface Rate {
  /** Messages in a second of the far end's clock, measured from the end of the first second to the end of the last. */
  readonly perSecond: number;
  /** The same from before the first was handed in: what was allowed at the most, however late the far end saw the first. */
  readonly allowedPerSecond: number;
  /** The most that came within any one second. */
  readonly mostInASecond: number;
  readonly seconds: number;
}

export interface RateOptions {
  readonly nodes: number;
  readonly maxPerSecond: number;
  readonly seconds: number;
}

export interface Cap {
  /** What left under the limit of an hour, some while after it was reached. */
  readonly sent: number;
  /** What had been handed in. */
  readonly accepted: number;
  readonly kills: number;
}

export interface CapOptions {
  readonly nodes: number;
  readonly maxPerHour: number;
  /** Gates killed with -9 and started again on the way. */
  readonly kills: number;
}

export interface ConnectionsOptions {
  readonly nodes: number;
  readonly maxConnections: number;
  /** Messages that are handed in. */
  readonly count: number;
}

const SECOND = 1_000;
const SPARE_SECONDS = 3;
/** Nothing more must come for so long: gates ask for more every second. */
const QUIET_MS = 5_000;
/** After a gate was killed: the leases of the dead last 15 s, and newcomers wait for some renewals. */
const QUIET_AFTER_KILLS_MS = 30_000;
const KILL_PAUSE_MS = 400;
const SLOW_DOT_MS = 100;

/** Gives every gate of a cluster its share of more mail than a provider's limit of a second lets through. */
export async function measureRate({ nodes, maxPerSecond, seconds }: RateOptions): Promise<Rate> {
  return withLimited({ nodes, provider: { maxPerSecond }, dotMs: 0 }, async (cluster, far) => {
    const startedAt = performance.now();
    await handIn(cluster, maxPerSecond * (seconds + SPARE_SECONDS));
    const count = maxPerSecond * (seconds + 1);
    await until(() => far.transactions.length >= count, 'the mail to be sent');
    const times = far.transactions.slice(0, count).map(({ from }) => from);
    // The first second's worth may go at once; from then on each further one takes a second.
    const [first = 0, last = 0] = [times[maxPerSecond - 1], times.at(-1)];
    const rateSince = (since: number) => ((count - maxPerSecond) / (last - since)) * SECOND;
    const rates = { perSecond: rateSince(first), allowedPerSecond: rateSince(startedAt) };
    return { ...rates, mostInASecond: mostWithin(times, SECOND), seconds };
  });
}

/** Hands in more than an hour's limit to a cluster, kills gates on the way, and counts what leaves. */
export async function measureCap({ nodes, maxPerHour, kills }: CapOptions): Promise<Cap> {
  return withLimited({ nodes, provider: { maxPerHour }, dotMs: 0 }, async (cluster, far) => {
    const accepted = Math.ceil(maxPerHour * 1.2);
    await handIn(cluster, accepted);
    for (let kill = 0; kill < kills; kill++) {
      await new Promise(resolve => setTimeout(resolve, KILL_PAUSE_MS));
      const node = cluster.nodes[kill % nodes];
      await node?.kill();
      await node?.start();
    }
    await untilQuiet(far, kills === 0 ? QUIET_MS : QUIET_AFTER_KILLS_MS);
    return { sent: far.transactions.length, accepted, kills };
  });
}

/**
 * Hands in mail to a cluster whose provider takes its time, and so as many connections as it may have, while one gate is
 * killed and started again; resolves with the most that were open at once.
 */
export async function measureConnections(options: ConnectionsOptions): Promise<number> {
  const { nodes, maxConnections, count } = options;
  return withLimited({ nodes, provider: { maxConnections }, dotMs: SLOW_DOT_MS }, async (cluster, far) => {
    await handIn(cluster, count);
    await until(() => far.transactions.length > count * 0.75, 'most of it to be sent');
    const [, second] = cluster.nodes;
    await second?.kill();
    await second?.start();
    await until(() => far.transactions.length >= count, 'all of it to be sent');
    return far.mostConnections();
  });
}

async function withLimited<T>(
  options: {
    readonly nodes: number;
    readonly provider: Readonly<Record<string, number>>;
    readonly dotMs: number;
  },
  measure: (cluster: Cluster, far: FarEnd) => Promise<T>,
): Promise<T> {
  const far = await startFarEnd({ dotMs: options.dotMs });
  const cluster = await startCluster({
    nodes: options.nodes,
    // No inbox, which development mode has, takes what the provider may not.
    settings: { development: 'false', allowClearText: '127.0.0.1' },
  });
  try {
    const api = cluster.nodes[0]?.api();
    const { port } = far.sink;
    await api?.addProvider({
      ...{ host: '127.0.0.1', port, encryption: 'none', senderDomains: ['limited.test'] },
      ...options.provider,
    });
    return await measure(cluster, far);
  } finally {
    await cluster.stop();
    await far.sink.close();
  }
}

/** Evenly to all gates. */
async function handIn({ nodes }: Cluster, count: number): Promise<void> {
  const share = Math.ceil(count / nodes.length);
  await Promise.all(
    nodes.map(node =>
      node.api().sendMany(
        Array.from({ length: share }, (_, n) => ({
          ...{ from: 'a@limited.test', to: 'b@rcpt.test', subject: `${node.name}-${n}`, text: 'x' },
        })),
      ),
    ),
  );
}

async function untilQuiet({ transactions }: FarEnd, quietMs: number): Promise<void> {
  const started = performance.now();
  const isQuiet = () => performance.now() - (transactions.at(-1)?.to ?? started) > quietMs;
  await until(() => transactions.length > 0 && isQuiet(), 'the sending to end');
}

function mostWithin(times: readonly number[], windowMs: number): number {
  let most = 0;
  for (let first = 0, last = 0; last < times.length; last++) {
    while ((times[last] ?? 0) - (times[first] ?? 0) >= windowMs) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}
