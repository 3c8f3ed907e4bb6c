import { startCluster } from './cluster.ts';
import { type Books, balance } from './cluster-books.ts';
import { startFarEnd } from './cluster-far-end.ts';
import { startLoad } from './cluster-load.ts';

export interface ClusterKills extends Books {
  readonly kills: number;
  /** Connections of all gates that the far end had open at a kill, on average. */
  readonly connections: number;
}

export interface ClusterKillOptions {
  readonly nodes: number;
  readonly kills: number;
  /** Told after each kill, with how many there were. */
  readonly onKill?: (kills: number) => void;
}

const LOAD = { clients: 12, pauseMs: 60 };
const DOT_MS = 40;
const SHORTEST_LIFE_MS = 250;
const LONGEST_LIFE_MS = 1_000;

/** Under load through all gates kills one at random with -9 and starts it again, again and again. */
export async function killInCluster({ nodes, kills, onKill }: ClusterKillOptions): Promise<ClusterKills> {
  const far = await startFarEnd({ dotMs: DOT_MS });
  const cluster = await startCluster({ nodes, smarthost: `127.0.0.1:${far.sink.port}` });
  const load = startLoad(cluster, LOAD);
  let connections = 0;
  try {
    for (let kill = 1; kill <= kills; kill++) {
      await later(SHORTEST_LIFE_MS + Math.random() * (LONGEST_LIFE_MS - SHORTEST_LIFE_MS));
      connections += far.connections();
      const node = cluster.nodes[Math.floor(Math.random() * nodes)];
      await node?.kill();
      await node?.start();
      onKill?.(kill);
    }
    await load.stop();
    const books = await balance(cluster, load.acknowledged, far.transactions);
    return { ...books, kills, connections: connections / kills };
  } finally {
    await load.stop();
    await cluster.stop();
    await far.sink.close();
  }
}

function later(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}
