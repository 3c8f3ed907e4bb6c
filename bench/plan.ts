import type { BenchOptions } from './options.ts';

/** A planned round: `count` messages, numbered from `first`, for one cluster. */
export interface Planned {
  /** From 1; 0 is the warm-up. */
  readonly number: number;
  /** Index in the option `nodes`. */
  readonly cluster: number;
  readonly first: number;
  readonly count: number;
}

/**
 * The warm-up, in which V8 compiles the code, then the rounds. Each round has a turn of every cluster, so that changes of
 * the machine affect all clusters alike. Each gate gets the same number of messages, so that all are equally warm.
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

/** The connections of a cluster with this number of gates. */
export function connectionsOf(
  { connections, smtpConnections, isDivided }: BenchOptions,
  gates: number,
): Pick<BenchOptions, 'connections' | 'smtpConnections'> {
  const factor = isDivided ? 1 : gates;
  return { connections: connections * factor, smtpConnections: smtpConnections * factor };
}
