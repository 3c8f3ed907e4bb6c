import type { Provider } from '../core/provider.ts';
import type { LeasedMessage } from '../store/store.ts';
import { createHealth, type Health } from './health.ts';
import type { Transport } from './transport.ts';

/** The queue of one provider, as far as it is in memory. */
export interface Lane {
  readonly provider: Provider;
  readonly transport: Transport;
  readonly health: Health;
  /** Leased and waiting for their turn: high, normal and bulk. */
  readonly ready: { readonly [P in LeasedMessage['priority']]: LeasedMessage[] };
  /** Attempts under way. */
  active: number;
  /** The store may hold due mail for this lane: nothing overtakes it from memory. */
  hasBacklog: boolean;
  isClaiming: boolean;
  /** What was last claimed behind its open breaker had no other way: until the next tick no more is. */
  isStuck: boolean;
  /** Epoch ms. */
  claimedAt: number;
  /** Epoch ms of the next message due in the store, as of the last claim; absent: none was waiting. */
  nextDueAt: number | undefined;
  /** Set once the provider is changed, disabled or deleted: nothing more is started here. */
  isClosed: boolean;
}

export function createLane(provider: Provider, transport: Transport): Lane {
  return {
    provider,
    transport,
    health: createHealth(),
    ready: { high: [], normal: [], bulk: [] },
    active: 0,
    hasBacklog: true,
    isClaiming: false,
    isStuck: false,
    claimedAt: 0,
    nextDueAt: undefined,
    isClosed: false,
  };
}

export function addReady(lane: Lane, message: LeasedMessage): void {
  lane.ready[message.priority].push(message);
}

export function takeReady(lane: Lane): LeasedMessage | undefined {
  return lane.ready.high.shift() ?? lane.ready.normal.shift() ?? lane.ready.bulk.shift();
}

/** In the order in which they would be taken one by one. */
export function takeAllReady({ ready }: Lane): LeasedMessage[] {
  return [ready.high, ready.normal, ready.bulk].flatMap(messages => messages.splice(0));
}

/** Whether its breaker is closed. */
export function isUp({ health }: Lane): boolean {
  return health.openUntil === undefined;
}

export function countReady({ ready }: Lane): number {
  return ready.high.length + ready.normal.length + ready.bulk.length;
}
