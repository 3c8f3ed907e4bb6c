import { randomBytes } from 'node:crypto';
import { type Gate, type Shared, startGate } from './gate.ts';
import { createJob, PATHS } from './job.ts';
import type { Target } from './load/http-load.ts';
import type { BenchOptions } from './options.ts';
import { connectionsOf } from './plan.ts';

/** Gates that share a database, or one gate with its own. */
export interface Cluster {
  readonly gates: readonly Gate[];
  /** URL of the database that they share; absent: the gate has its own. */
  readonly database?: string;
  /** Concurrent requests to all gates together. */
  readonly connections: number;
  /** The requests to each gate. */
  readonly targets: readonly Target[];
  /** Kills the gates and removes their data. */
  remove(): Promise<void>;
}

interface Start {
  readonly nodes: number;
  readonly sinkPort: number;
  /** URL of the database; absent: the gate has its own. */
  readonly database?: string;
}

const SECRET_KEY_BYTES = 32;

/** Starts the gates one after the other, so that the others find the tables and the provider of the first. */
export async function startCluster(
  options: BenchOptions,
  { nodes, sinkPort, database }: Start,
): Promise<Cluster> {
  const gates: Gate[] = [];
  const shared = database === undefined ? undefined : sharedBy(database);
  const { connections, smtpConnections } = connectionsOf(options, nodes);
  async function remove(): Promise<void> {
    for (const gate of gates.splice(0)) await gate.remove();
  }
  try {
    for (let i = 0; i < nodes; i++) {
      const gate = await startGate({ folder: options.folder, ...(shared && { shared }) });
      gates.push(gate);
      if (i === 0) await gate.addProvider(sinkPort, smtpConnections);
    }
    const targets = await createTargets(options, gates);
    return { gates, ...(database !== undefined && { database }), connections, targets, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

function sharedBy(store: string): Shared {
  return { store, secretKey: randomBytes(SECRET_KEY_BYTES).toString('base64') };
}

/** POST /messages needs no key from clients on the same machine; /v1 always needs one. */
async function createTargets(
  { api, hasAttachment }: BenchOptions,
  gates: readonly Gate[],
): Promise<readonly Target[]> {
  const body = createJob(hasAttachment);
  const key = api === 'v1' ? await gates[0]?.createKey() : undefined;
  return gates.map(({ host, port }) => {
    const head = [
      `POST ${PATHS[api]} HTTP/1.1`,
      `Host: ${host}:${port}`,
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      ...(key === undefined ? [] : [`Authorization: Bearer ${key}`]),
    ];
    return { host, port, request: Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]) };
  });
}
