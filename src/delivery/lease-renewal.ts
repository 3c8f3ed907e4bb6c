import type { LeaseId, Nodes, Place } from '../store/store.ts';

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
  /** Throws StaleLease unless so much of the lease is left that a dot may go out (docs/decisions/02-leases.md). */
  assertFresh(): void;
  /**
   * Whether the others would have been seen to renew theirs, were they alive: not soon after the store was away, when all
   * leases have run out.
   */
  mayJudge(): boolean;
  /**
   * How much of what all nodes have together is this node's: the shares of all add up to no more than the whole, also
   * while nodes come and go. 0 for who has just joined others, until they know.
   */
  shareOf(whole: number): number;
  /** Whether this node is the one that does what one alone is to do: the first of the living, for long enough that all know. */
  isFirst(): boolean;
  /** Resolves when this node was declared dead: its mail is others' now, and only a new incarnation can send. */
  readonly lost: Promise<void>;
  /** Stops renewing; with `leave`, forgets the incarnation, which must hold nothing any more. */
  stop(options: { leave: boolean }): Promise<void>;
}

export interface LeaseClocks {
  /** Epoch ms. */
  readonly now: () => number;
  /** Milliseconds of a clock that never steps and goes on while the process is stopped. */
  readonly monotonicMs: () => number;
}

/** Told of every renewal: whether the store was there, and what it threw when not. */
export type OnRenewal = (error?: unknown) => void;

const LEASE_MS = 15_000;
const RENEW_MS = 3_000;
/** After the store was away, so that its return is found before anybody takes us for dead. */
const RETRY_MS = 500;
const NEEDED_MS = 5_000;
/** A share grows only when it has been larger for so many renewals: the others have seen then what makes it so. */
const SEEN = 3;

/** Joins as a new incarnation and keeps its lease until stopped. */
export async function keepLease(
  nodes: Nodes,
  clocks: LeaseClocks,
  identity: { host: string; pid: number },
  onRenewal: OnRenewal,
): Promise<LeaseKeeper> {
  let validUntilMs = clocks.monotonicMs() + LEASE_MS;
  let inTouchSinceMs = Number.NEGATIVE_INFINITY;
  let retry: NodeJS.Timeout | undefined;
  let isStopped = false;
  const lost = Promise.withResolvers<void>();
  const { lease, node } = await nodes.join({ now: clocks.now(), leaseMs: LEASE_MS, ...identity });

  const first = await nodes.place(lease);
  let seen: readonly (Place | undefined)[] = first.of === 1 ? [first] : [undefined, undefined, first];

  async function renew(): Promise<void> {
    clearTimeout(retry);
    // Counted from before the question, so that we never believe in more than was granted.
    const askedAtMs = clocks.monotonicMs();
    if (askedAtMs > validUntilMs) inTouchSinceMs = askedAtMs;
    try {
      if (await nodes.renew(lease, clocks.now() + LEASE_MS)) validUntilMs = askedAtMs + LEASE_MS;
      else lost.resolve();
      seen = [...seen, await nodes.place(lease)].slice(-SEEN);
      onRenewal();
    } catch (error) {
      // The store is away: the lease runs on, and dots stop before it ends.
      if (isStopped) return;
      inTouchSinceMs = clocks.monotonicMs();
      onRenewal(error);
      retry = setTimeout(renew, RETRY_MS);
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
    mayJudge: () => clocks.monotonicMs() - inTouchSinceMs >= LEASE_MS,
    shareOf: whole => Math.min(...seen.map(place => shareAt(place, whole))),
    isFirst: () => isFresh() && seen.every(place => place?.place === 0),
    lost: lost.promise,
    async stop({ leave }) {
      isStopped = true;
      clearInterval(timer);
      clearTimeout(retry);
      // Where the store is away, others find our lease run out.
      if (leave) await nodes.leave(lease).catch(onRenewal);
    },
  };
}

/** Equal shares; what is left over goes to those who were there first. */
function shareAt(place: Place | undefined, whole: number): number {
  return place === undefined ? 0 : Math.floor((whole + place.of - 1 - place.place) / place.of);
}
