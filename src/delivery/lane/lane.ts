import type { Provider } from '../../core/provider.ts';
import type { LeasedMessage } from '../../store/store.ts';
import type { Transport } from '../transport.ts';
import { createHealth, type Health } from './circuit-breaker.ts';
import type { Quota } from './provider-quota.ts';

/** The queue of one provider, as far as it is in memory. */
export interface Lane {
  readonly provider: Provider;
  readonly transport: Transport;
  readonly health: Health;
  readonly quota: Quota;
  /** Leased and waiting for their turn: high, normal and bulk. */
  readonly ready: { readonly [P in LeasedMessage['priority']]: LeasedMessage[] };
  /** Attempts under way. */
  active: number;
  /** The store may hold due mail for this lane: nothing overtakes it from memory. */
  hasBacklog: boolean;
  isClaiming: boolean;
  /** What is being claimed is not known to be there: the look of an idle lane, once a second. */
  isPolling: boolean;
  /** The provider's limits are being asked for more. */
  isDrawing: boolean;
  /** What was last claimed behind its open breaker had no other way: until the next tick no more is. */
  isStuck: boolean;
  /** Epoch ms. */
  claimedAt: number;
  /** Epoch ms of the next message due in the store, as of the last claim; absent: none was waiting. */
  nextDueAt: number | undefined;
  /** Set once the provider is changed, disabled or deleted: nothing more is started here. */
  isClosed: boolean;
}

export function createLane(provider: Provider, transport: Transport, quota: Quota): Lane {
  return {
    provider,
    transport,
    health: createHealth(),
    quota,
    ready: { high: [], normal: [], bulk: [] },
    active: 0,
    hasBacklog: true,
    isClaiming: false,
    isPolling: false,
    isDrawing: false,
    isStuck: false,
    claimedAt: 0,
    nextDueAt: undefined,
    isClosed: false,
  };
}

export function addReady(lane: Lane, message: LeasedMessage): void {
  lane.ready[message.priority].push(message);
}

/** What `takeReady` would take. */
export function peekReady({ ready }: Lane): LeasedMessage | undefined {
  return ready.high[0] ?? ready.normal[0] ?? ready.bulk[0];
}

export function takeReady(lane: Lane): LeasedMessage | undefined {
  return lane.ready.high.shift() ?? lane.ready.normal.shift() ?? lane.ready.bulk.shift();
}

/** In the order in which they would be taken one by one. */
export function takeAllReady({ ready }: Lane): LeasedMessage[] {
  return [ready.high, ready.normal, ready.bulk].flatMap(messages => messages.splice(0));
}

/** Whether the store is known to hold due mail for it. */
export function isDue({ nextDueAt }: Lane, now: number): boolean {
  return nextDueAt !== undefined && nextDueAt <= now;
}

/** What the store holds for the lane is due: its own attempts make it look there as they end, and no timer is needed. */
export function noteBacklog(lane: Lane): void {
  lane.hasBacklog = true;
  lane.nextDueAt = undefined;
}

/** Whether its breaker is closed and nobody has paused it. */
export function isUp(lane: Lane): boolean {
  return lane.health.openUntil === undefined && !isPaused(lane);
}

/** Whether its mail waits because somebody wants it to. */
export function isPaused({ provider }: Lane): boolean {
  return provider.isPaused === true;
}

export function countReady({ ready }: Lane): number {
  return ready.high.length + ready.normal.length + ready.bulk.length;
}
