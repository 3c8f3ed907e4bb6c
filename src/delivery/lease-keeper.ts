import type { LeaseId, Nodes } from '../store/store.ts';

/** Thrown before a dot when the lease may run out before the far end can answer: nothing was sent. */
export class StaleLease extends Error {
  constructor() {
    super('The lease of this node ran out, so that another may have taken its messages.');
    this.name = 'StaleLease';
  }
}

/** Holds this node's lease: renews it, and knows by the monotonic clock how long it is still good. */
export interface LeaseKeeper {
  readonly lease: LeaseId;
  readonly node: number;
  /** Whether mail can be sent and its results recorded. */
  isFresh(): boolean;
  /** Throws StaleLease unless so much of the lease is left that a dot may go out (decisions.md 2). */
  assertFresh(): void;
  /** Stops renewing; with `leave`, forgets the incarnation, which must hold nothing any more. */
  stop(options: { leave: boolean }): Promise<void>;
}

export interface LeaseClocks {
  /** Epoch ms. */
  readonly now: () => number;
  /** Milliseconds of a clock that never steps and goes on while the process is stopped. */
  readonly monotonicMs: () => number;
}

const LEASE_MS = 15_000;
const RENEW_MS = 3_000;
const NEEDED_MS = 5_000;

/** Joins as a new incarnation and keeps its lease until stopped. */
export async function keepLease(
  nodes: Nodes,
  clocks: LeaseClocks,
  identity: { host: string; pid: number },
): Promise<LeaseKeeper> {
  let validUntilMs = clocks.monotonicMs() + LEASE_MS;
  const { lease, node } = await nodes.join({ now: clocks.now(), leaseMs: LEASE_MS, ...identity });

  async function renew(): Promise<void> {
    // Counted from before the question, so that we never believe in more than was granted.
    const askedAtMs = clocks.monotonicMs();
    try {
      if (await nodes.renew(lease, clocks.now() + LEASE_MS)) validUntilMs = askedAtMs + LEASE_MS;
    } catch {
      // The store is away: the lease runs on, and dots stop before it ends.
    }
  }

  const timer = setInterval(renew, RENEW_MS);
  const isFresh = () => validUntilMs - clocks.monotonicMs() >= NEEDED_MS;
  return {
    lease,
    node,
    isFresh,
    assertFresh() {
      if (!isFresh()) throw new StaleLease();
    },
    async stop({ leave }) {
      clearInterval(timer);
      if (leave) await nodes.leave(lease);
    },
  };
}
