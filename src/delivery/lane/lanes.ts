import type { ProviderId } from '../../core/message.ts';
import type { Provider } from '../../core/provider.ts';
import { NO_LANE, type Store } from '../../store/store.ts';
import type { Transport } from '../transport.ts';
import { Lane } from './lane.ts';
import { createQuota } from './provider-quota.ts';

/** The lanes of the enabled providers. They follow every change of the providers. */
export interface Lanes {
  all(): readonly Lane[];
  of(id: ProviderId): Lane | undefined;
  /** All providers, disabled ones too, by ascending id. */
  providers(): readonly Provider[];
  /** The listener gets each lane whose provider was changed, disabled or deleted. */
  onClosed(listener: (lane: Lane) => void): void;
  /** Reads the providers again. Mail of a lane that is gone moves to NO_LANE. */
  refresh(): Promise<void>;
  /** Resolves once every refresh that was started has ended, also when it failed. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** Makes the transport of a provider. Throws when the provider cannot be used: a missing directory, a secret that cannot be opened. */
export type MakeTransport = (provider: Provider) => Transport;

export function createLanes(
  store: Store,
  makeTransport: MakeTransport,
  onError: (error: unknown) => void,
): Lanes {
  const lanes = new Map<ProviderId, Lane>();
  const listeners: ((lane: Lane) => void)[] = [];
  let providers: readonly Provider[] = [];
  let refreshing: Promise<void> = Promise.resolve();
  let isClosed = false;

  function closeLane(lane: Lane): void {
    lanes.delete(lane.provider.id);
    lane.close();
    for (const listener of listeners) listener(lane);
    lane.transport.close().catch(onError);
  }

  function openLane(provider: Provider): void {
    try {
      lanes.set(
        provider.id,
        new Lane(provider, makeTransport(provider), createQuota(store.limits, provider)),
      );
    } catch (error) {
      onError(error);
    }
  }

  async function refresh(): Promise<void> {
    const fresh = await store.registry.list('provider');
    if (isClosed) return;
    providers = fresh;
    const enabled = new Map(fresh.filter(one => one.isEnabled).map(one => [one.id, one]));
    for (const lane of [...lanes.values()]) {
      if (JSON.stringify(enabled.get(lane.provider.id)) !== JSON.stringify(lane.provider)) closeLane(lane);
    }
    for (const provider of enabled.values()) if (!lanes.has(provider.id)) openLane(provider);
    for (const { lane } of await store.queue.depth()) {
      if (lane !== NO_LANE && !lanes.has(lane)) await store.queue.moveLane(lane, NO_LANE);
    }
  }

  function settled(): Promise<void> {
    return refreshing.catch(() => {});
  }

  return {
    all: () => [...lanes.values()],
    of: id => lanes.get(id),
    providers: () => providers,
    onClosed: listener => void listeners.push(listener),
    refresh() {
      // A refresh that failed must not stop later ones.
      refreshing = settled().then(refresh);
      return refreshing;
    },
    settled,
    async close() {
      isClosed = true;
      await Promise.all([...lanes.values()].map(lane => lane.transport.close()));
      lanes.clear();
    },
  };
}
