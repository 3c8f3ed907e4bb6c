import type { LeaseId, Nodes, Place } from '../store/store.ts';

/** Thrown before the dot when the lease may expire before the reply arrives. The message was not sent. */
export class StaleLease extends Error {
  constructor() {
    super('The lease of this node has expired, so another node may have taken its messages.');
    this.name = 'StaleLease';
  }
}

/** The lease of this node, and what the node may do while it holds it. */
export interface LeaseRenewal {
  readonly lease: LeaseId;
  /** 0 to 255, unique among the live nodes. */
  readonly node: number;
  /** Whether messages can be sent and their results written: at least 5 s of the lease are left. */
  isFresh(): boolean;
  /** Throws StaleLease when less than 5 s of the lease are left. Called before each dot (docs/decisions/02-leases.md). */
  assertFresh(): void;
  /**
   * Whether this node may declare others dead. For the length of a lease after the store was away it may not: the leases
   * of all nodes have expired then, and each needs time to renew its own.
   */
  canDeclareDead(): boolean;
  /**
   * The part of `whole` that is for this node. The parts of all nodes never add up to more than `whole`, also while nodes
   * join and leave. 0 for a node that has just joined others, until they know of it.
   */
  shareOf(whole: number): number;
  /** Whether this node does the work that only one node may do: it has been the oldest live node for three renewals. */
  isLeader(): boolean;
  /** Resolves when other nodes have declared this one dead. They own its messages; only a new incarnation can send. */
  readonly lost: Promise<void>;
  /** Stops renewing. With `leave`, removes the incarnation, which must hold no messages any more. */
  stop(options: { leave: boolean }): Promise<void>;
}

export interface LeaseClocks {
  /** Epoch ms. */
  readonly now: () => number;
  /** Milliseconds of a clock that never steps, and that goes on while the process is stopped. */
  readonly monotonicMs: () => number;
}

/** Called after every renewal, with the error when the store could not be reached. */
export type OnRenewal = (error?: unknown) => void;

const LEASE_MS = 15_000;
const RENEW_MS = 3_000;
/** Pause after a failed renewal: short, so that the lease is renewed before other nodes declare this one dead. */
const RETRY_MS = 500;
const NEEDED_MS = 5_000;
/** A share grows only when it was larger for so many renewals. By then the other nodes have seen why. */
const PLACES_KEPT = 3;

interface RenewalState {
  /** By the monotonic clock. */
  validUntilMs: number;
  /** By the monotonic clock: the store can be reached since then. */
  inTouchSinceMs: number;
  /** Places among the live nodes at the last renewals; undefined where the others may not know of us yet. */
  places: readonly (Place | undefined)[];
  /** The timer of the next try after a failed renewal. */
  retry: NodeJS.Timeout | undefined;
  isStopped: boolean;
}

/** Joins as a new incarnation of a node, and renews its lease every 3 s until it is stopped. */
export async function startLeaseRenewal(
  nodes: Nodes,
  clocks: LeaseClocks,
  identity: { host: string; pid: number },
  onRenewal: OnRenewal,
): Promise<LeaseRenewal> {
  const validUntilMs = clocks.monotonicMs() + LEASE_MS;
  const { lease, node } = await nodes.join({ now: clocks.now(), leaseMs: LEASE_MS, ...identity });
  const first = await nodes.place(lease);
  const state: RenewalState = {
    validUntilMs,
    inTouchSinceMs: Number.NEGATIVE_INFINITY,
    places: first.of === 1 ? [first] : [undefined, undefined, first],
    retry: undefined,
    isStopped: false,
  };
  const lost = Promise.withResolvers<void>();

  async function renew(): Promise<void> {
    clearTimeout(state.retry);
    try {
      if (!(await renewOnce(state, nodes, lease, clocks))) lost.resolve();
      onRenewal();
    } catch (error) {
      // The lease runs on, and no dot is sent near its end.
      if (state.isStopped) return;
      state.inTouchSinceMs = clocks.monotonicMs();
      onRenewal(error);
      state.retry = setTimeout(renew, RETRY_MS);
    }
  }

  const timer = setInterval(renew, RENEW_MS);
  const isFresh = () => state.validUntilMs - clocks.monotonicMs() >= NEEDED_MS;
  return {
    lease,
    node,
    isFresh,
    assertFresh() {
      if (!isFresh()) throw new StaleLease();
    },
    canDeclareDead: () => clocks.monotonicMs() - state.inTouchSinceMs >= LEASE_MS,
    shareOf: whole => Math.min(...state.places.map(place => shareAt(place, whole))),
    isLeader: () => isFresh() && state.places.every(place => place?.place === 0),
    lost: lost.promise,
    async stop({ leave }) {
      state.isStopped = true;
      clearInterval(timer);
      clearTimeout(state.retry);
      // When the store cannot be reached, other nodes find that the lease has expired.
      if (leave) await nodes.leave(lease).catch(onRenewal);
    },
  };
}

/** False when other nodes have declared this one dead. */
async function renewOnce(
  state: RenewalState,
  nodes: Nodes,
  lease: LeaseId,
  clocks: LeaseClocks,
): Promise<boolean> {
  // The lease counts from before the query, so that this node never believes in more than it was granted.
  const askedAtMs = clocks.monotonicMs();
  if (askedAtMs > state.validUntilMs) state.inTouchSinceMs = askedAtMs;
  const isOurs = await nodes.renew(lease, clocks.now() + LEASE_MS);
  if (isOurs) state.validUntilMs = askedAtMs + LEASE_MS;
  state.places = [...state.places, await nodes.place(lease)].slice(-PLACES_KEPT);
  return isOurs;
}

/** Equal shares. The oldest nodes get one more each when the shares are not even. */
function shareAt(place: Place | undefined, whole: number): number {
  return place === undefined ? 0 : Math.floor((whole + place.of - 1 - place.place) / place.of);
}
