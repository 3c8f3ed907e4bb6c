import { until } from '../gates/gate.ts';
import { startCluster } from './cluster.ts';
import { type Books, balance } from './cluster-books.ts';
import { startFarEnd } from './cluster-far-end.ts';
import { startLoad } from './cluster-load.ts';

export interface ClusterFreeze extends Books {
  /** Messages that the frozen gate accepted after it went on. */
  readonly acceptedAfterThaw: number;
  /** From when it went on until it was ready again, ms. */
  readonly readyAfterMs: number;
}

const LOAD = { clients: 10, pauseMs: 60 };
/** Long, so that there are dots on the way when the gate is frozen. */
const DOT_MS = 300;
const BEFORE_MS = 1_500;

/** Stops one of the gates under load for longer than its lease, until another has taken over its mail; then it goes on. */
export async function freezeInCluster({ nodes }: { readonly nodes: number }): Promise<ClusterFreeze> {
  const far = await startFarEnd({ dotMs: DOT_MS });
  const cluster = await startCluster({ nodes, smarthost: `127.0.0.1:${far.sink.port}` });
  const load = startLoad(cluster, LOAD);
  try {
    await new Promise(resolve => setTimeout(resolve, BEFORE_MS));
    const frozen = cluster.nodes[0]?.gate;
    if (frozen === undefined) throw new Error('There is no gate.');
    frozen.kill('SIGSTOP');
    const isRescued = async () => {
      const [row] = await cluster.rows<{ count: number }>(
        `select count(*)::integer as count from nodes where pid = ${frozen.pid}`,
      );
      return row?.count === 0;
    };
    await until(isRescued, 'the other gates to take over');
    frozen.kill('SIGCONT');
    const wentOnAt = performance.now();
    const isReady = () =>
      fetch(`${frozen.http}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    await until(isReady, 'the gate to be ready again');
    const readyAfterMs = Math.round(performance.now() - wentOnAt);
    const before = load.acknowledged.size;
    await until(() => load.acknowledged.size > before + 50, 'mail to be accepted');
    await load.stop();
    const books = await balance(cluster, load.acknowledged, far.transactions);
    return { ...books, readyAfterMs, acceptedAfterThaw: load.acknowledged.size - before };
  } finally {
    await load.stop();
    await cluster.stop();
    await far.sink.close();
  }
}
