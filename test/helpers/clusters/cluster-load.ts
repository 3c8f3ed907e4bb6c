import { WAIT_MS } from '../programs/patience.ts';
import type { Cluster, ClusterNode } from './cluster.ts';

/** Clients that send without end, each to one gate after the other. */
export interface Load {
  /** Names of the messages whose 200 was read to its end. */
  readonly acknowledged: ReadonlySet<string>;
  /** What else was answered, as `status retry-after`, with how often; connections that broke are not answers. */
  readonly refusals: ReadonlyMap<string, number>;
  stop(): Promise<void>;
}

export interface LoadOptions {
  readonly clients: number;
  /** Between two messages of a client: about as much shall come in as the far end takes. */
  readonly pauseMs: number;
}

const TEXT = 'x'.repeat(2_000);

export function startLoad({ nodes }: Pick<Cluster, 'nodes'>, { clients, pauseMs }: LoadOptions): Load {
  const acknowledged = new Set<string>();
  const refusals = new Map<string, number>();
  let isStopped = false;

  async function send(client: number): Promise<void> {
    for (let n = 0; !isStopped; n++) {
      const node = nodes[(client + n) % nodes.length];
      const name = `m-${client}-${n}`;
      const word = node && (await post(node, name));
      if (word === '200 null') acknowledged.add(name);
      else if (word !== undefined) refusals.set(word, (refusals.get(word) ?? 0) + 1);
      await new Promise(resolve => setTimeout(resolve, pauseMs));
    }
  }

  const running = Array.from({ length: clients }, (_, client) => send(client));
  return {
    acknowledged,
    refusals,
    async stop() {
      isStopped = true;
      await Promise.all(running);
    },
  };
}

/** The answer, if there was one. */
async function post({ gate }: ClusterNode, subject: string): Promise<string | undefined> {
  if (gate === undefined) return undefined;
  try {
    const body = JSON.stringify({ from: 'a@sender.test', to: 'b@rcpt.test', subject, text: TEXT });
    const signal = AbortSignal.timeout(WAIT_MS);
    const reply = await fetch(`${gate.http}/messages`, { method: 'POST', body, signal });
    await reply.arrayBuffer();
    return `${reply.status} ${reply.headers.get('retry-after')}`;
  } catch {
    return undefined;
  }
}
