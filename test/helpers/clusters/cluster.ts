import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Api, apiOf } from '../gates/api.ts';
import { type ServedGate, startServe } from '../gates/serve.ts';
import type { ProgramEnd } from '../programs/program.ts';
import { type PostgresServer, startPostgres } from '../stores/postgres-server.ts';

/** Some gates, processes of their own, on one PostgreSQL of their own. */
export interface Cluster {
  readonly server: PostgresServer;
  readonly nodes: readonly ClusterNode[];
  /** Rows of a statement of the test's own. */
  rows<Row>(sql: string): Promise<readonly Row[]>;
  /** Cuts every connection that a gate has. */
  cutConnections(): Promise<void>;
  /** Stops all that runs; resolves with how each gate ended that was not killed. */
  stop(): Promise<readonly ProgramEnd[]>;
}

/** One gate and its successors in the same data folder. */
export interface ClusterNode {
  readonly name: string;
  /** Undefined while it does not run. */
  readonly gate: ServedGate | undefined;
  /** As the operator; thrown when it does not run. */
  api(): Api;
  start(): Promise<ServedGate>;
  /** kill -9, and waits for the end. */
  kill(): Promise<void>;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<ProgramEnd | undefined>;
}

export interface ClusterOptions {
  readonly nodes: number;
  /** `HOST:PORT` of the SMTP server that all mail goes to; absent: providers are the test's affair. */
  readonly smarthost?: string;
  /** Of every gate, by path. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

const DATABASE = 'cluster';
const CUT = `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${DATABASE}' and pid <> pg_backend_pid()`;

/** Starts the server, then the gates one after the other. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-cluster-'));
  const server = await startPostgres();
  await server.createDatabase(DATABASE);
  const settings = {
    store: `${server.url(DATABASE)}?pool=6`,
    secretKey: Buffer.alloc(32, 'cluster').toString('base64'),
    'retention.newestMessages': 10_000_000,
    'log.level': 'warn',
    ...(options.smarthost !== undefined && { smarthost: `smtp://${options.smarthost}?tls=none` }),
    ...options.settings,
  };
  const nodes = Array.from({ length: options.nodes }, (_, n) =>
    createNode(`n${n + 1}`, join(folder, `n${n + 1}`), settings),
  );
  const cluster: Cluster = {
    server,
    nodes,
    rows: async sql => (await server.query(DATABASE, sql)) as never,
    cutConnections: async () => void (await server.query(DATABASE, CUT)),
    async stop() {
      const ends = await Promise.all(nodes.map(node => node.stop()));
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
      return ends.filter(end => end !== undefined);
    },
  };
  try {
    for (const node of nodes) await node.start();
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

function createNode(
  name: string,
  data: string,
  settings: Readonly<Record<string, string | number>>,
): ClusterNode {
  let gate: ServedGate | undefined;
  return {
    name,
    get gate() {
      return gate;
    },
    api() {
      if (gate === undefined) throw new Error(`${name} does not run.`);
      return apiOf(gate, gate.adminToken);
    },
    async start() {
      gate = await startServe({ data, settings });
      return gate;
    },
    async kill() {
      const killed = gate;
      gate = undefined;
      killed?.kill('SIGKILL');
      await killed?.ended;
    },
    async stop() {
      const stopped = gate;
      gate = undefined;
      return stopped?.stop();
    },
  };
}
