import type { BenchOptions } from './options.ts';

/** A round to come: so many messages, numbered from `first`, for one of the clusters. */
export interface Planned {
  /** From 1; 0 warms up. */
  readonly number: number;
  /** Index among the numbers of nodes that were asked for. */
  readonly cluster: number;
  readonly first: number;
  readonly count: number;
}

/**
 * The warm-up, in which V8 compiles what it will compile, so that each gate gets as much as one alone would; then the
 * rounds, in each of which all clusters have their turn, so that they share whatever the machine goes through.
 */
export function planRounds({ messages, rounds, nodes }: BenchOptions): readonly Planned[] {
  const plan: Planned[] = [];
  let first = 0;
  for (let number = 0; number <= rounds; number++) {
    for (const [cluster, gates] of nodes.entries()) {
      const count = number === 0 ? messages * gates : messages;
      plan.push({ number, cluster, first, count });
      first += count;
    }
  }
  return plan;
}
