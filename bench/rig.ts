import { type Child, startChild } from './child.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { type DatabaseServer, joinDatabaseServer, startDatabaseServer } from './database.ts';
import type { LoadResult, LoadTask } from './load/http-load.ts';
import type { BenchOptions } from './options.ts';
import { type Reference, startReference } from './reference.ts';
import type { Collected, CollectTask } from './sink/arrivals.ts';
import type { SinkOptions } from './sink/main.ts';

/** All processes and clusters of a run. */
export interface Rig {
  /** One for each entry of the option `nodes`. */
  readonly clusters: readonly Cluster[];
  /** The server of their databases; absent: each gate has its own store. */
  readonly server?: DatabaseServer;
  readonly load: Child<object, LoadTask, LoadResult>;
  readonly sink: Child<{ readonly port: number }, CollectTask, Collected>;
  readonly reference: Reference;
  /** Stops everything immediately. */
  stop(): Promise<void>;
}

const LOAD = new URL('./load/main.ts', import.meta.url);
const SINK = new URL('./sink/main.ts', import.meta.url);

/** Starts the sink, the gates, their database server and the load generator. If one fails, it stops the others. */
export async function startRig(options: BenchOptions, messages: number): Promise<Rig> {
  const opened: (() => void | Promise<void>)[] = [];
  async function stop(): Promise<void> {
    for (const close of opened.splice(0).reverse()) await close();
  }
  try {
    const sink = await startSink({ delayMs: options.delayMs, capacity: messages });
    opened.push(sink.stop);
    const load = await startChild<object, LoadTask, LoadResult>(LOAD, []);
    opened.push(load.stop);
    const server = await openServer(options);
    if (server !== undefined) opened.push(server.stop);
    const clusters: Cluster[] = [];
    for (const nodes of options.nodes) {
      const database = await server?.createDatabase();
      const start = { nodes, sinkPort: sink.ready.port, ...(database !== undefined && { database }) };
      const cluster = await startCluster(options, start);
      opened.push(cluster.remove);
      clusters.push(cluster);
    }
    const reference = await startReference();
    opened.push(reference.stop);
    return { clusters, ...(server && { server }), load, sink, reference, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function startSink(options: SinkOptions): Promise<Rig['sink']> {
  return startChild(SINK, [JSON.stringify(options)]);
}

async function openServer({ store, folder }: BenchOptions): Promise<DatabaseServer | undefined> {
  if (store === 'sqlite') return undefined;
  return store === 'postgres' ? startDatabaseServer(folder) : joinDatabaseServer(store);
}
