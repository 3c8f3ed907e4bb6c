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
 * The warm-up, in which V8 compiles what it will compile, then the rounds. In each all clusters have their turn, so that
 * they share whatever the machine goes through, and each gate gets as much as one alone: none is fresher than another.
 */
export function planRounds({ messages, rounds, nodes }: BenchOptions): readonly Planned[] {
  const plan: Planned[] = [];
  let first = 0;
  for (let number = 0; number <= rounds; number++) {
    for (const [cluster, gates] of nodes.entries()) {
      const count = messages * gates;
      plan.push({ number, cluster, first, count });
      first += count;
    }
  }
  return plan;
}

/** The connections of so many gates together. */
export function connectionsOf(
  { connections, smtpConnections, isDivided }: BenchOptions,
  gates: number,
): Pick<BenchOptions, 'connections' | 'smtpConnections'> {
  const times = isDivided ? 1 : gates;
  return { connections: connections * times, smtpConnections: smtpConnections * times };
}
