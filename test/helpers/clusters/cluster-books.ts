import { until } from '../gates/gate.ts';
import type { Cluster } from './cluster.ts';
import type { Transaction } from './cluster-far-end.ts';

/** What became of acknowledged mail, held against what the far end saw. */
export interface Books {
  readonly acknowledged: number;
  /** Acknowledged, and not at the far end. */
  readonly lost: readonly string[];
  /** Arrived more than once. */
  readonly duplicates: number;
  /** Arrived more often than once and than attempts were recorded as unknown. */
  readonly unexplained: readonly string[];
  /** Attempts recorded as unknown. */
  readonly unknown: number;
  /** Were in two transactions at one time. */
  readonly heldByTwo: readonly string[];
}

const UNKNOWN = `select m.subject as name, count(*)::integer as count from events e join messages m on m.id = e.message_id
  where e.type = 'unknown' group by m.subject`;

/** Waits until the queue is empty, then balances. */
export async function balance(
  cluster: Pick<Cluster, 'rows'>,
  acknowledged: ReadonlySet<string>,
  transactions: readonly Transaction[],
): Promise<Books> {
  await until(() => isEmpty(cluster), 'the queue to be empty').catch(async error => {
    const left = await cluster.rows('select * from queue order by message_id limit 5');
    const nodes = await cluster.rows('select * from nodes');
    throw new Error(`${error.message} ${say(left)} ${say(nodes)}`);
  });
  const rows = await cluster.rows<{ name: string; count: number }>(UNKNOWN);
  const unknowns = new Map(rows.map(({ name, count }) => [name, count]));
  const byName = Map.groupBy(transactions, ({ name }) => name);
  const repeated = [...byName].filter(([, all]) => all.length > 1);
  return {
    acknowledged: acknowledged.size,
    lost: [...acknowledged].filter(name => !byName.has(name)),
    duplicates: repeated.length,
    unexplained: repeated
      .filter(([name, all]) => all.length > 1 + (unknowns.get(name) ?? 0))
      .map(([name]) => name),
    unknown: rows.reduce((sum, { count }) => sum + count, 0),
    heldByTwo: repeated.filter(([, all]) => overlap(all)).map(([name]) => name),
  };
}

async function isEmpty(cluster: Pick<Cluster, 'rows'>): Promise<boolean> {
  return (await cluster.rows('select 1 from queue limit 1')).length === 0;
}

function overlap(transactions: readonly Transaction[]): boolean {
  const inOrder = transactions.toSorted((a, b) => a.from - b.from);
  return inOrder.some(({ from }, i) => from < (inOrder[i - 1]?.to ?? 0));
}

function say(rows: readonly unknown[]): string {
  return JSON.stringify(rows, (_key, value) => (typeof value === 'bigint' ? String(value) : value));
}
