import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../data/api.ts';
import { providerName } from '../data/lists.ts';
import type { Provider } from '../data/shapes.ts';
import { prioritiesFor } from './priorities.ts';

/** The order in which providers are tried, and the function that changes it. */
export interface ProviderOrder {
  readonly ordered: readonly Provider[];
  /** Moves a provider to a place, from 0. A place that does not exist is ignored. */
  readonly move: (id: number, place: number) => void;
  readonly isBusy: boolean;
  readonly error: Error | null;
  /** Announces the last move to screen readers; '' before the first one. */
  readonly announcement: string;
}

/** Shows a new order immediately, and saves the priorities that produce it. */
export function useProviderOrder(providers: readonly Provider[]): ProviderOrder {
  const client = useQueryClient();
  const [announcement, setAnnouncement] = useState('');
  /** Ids in the new order, until the gate has saved it. */
  const [pending, setPending] = useState<readonly number[]>();
  const ordered = pending === undefined ? byPriority(providers) : byIds(providers, pending);
  const save = useMutation({
    mutationFn: async (priorities: ReadonlyMap<number, number>) => {
      for (const [id, priority] of priorities) await call('PATCH', `/v1/providers/${id}`, { priority });
    },
    onSettled: async () => {
      await client.invalidateQueries();
      setPending(undefined);
    },
  });
  const move = (id: number, place: number) => {
    const moved = ordered.find(provider => provider.id === id);
    if (moved === undefined || ordered[place] === undefined || ordered[place] === moved) return;
    const order = ordered.filter(provider => provider !== moved).toSpliced(place, 0, moved);
    setPending(order.map(provider => provider.id));
    setAnnouncement(`${providerName(moved)} is now at position ${place + 1} of ${order.length}`);
    save.mutate(prioritiesFor(order, id));
  };
  return { ordered, move, isBusy: save.isPending, error: save.error, announcement };
}

function byPriority(providers: readonly Provider[]): readonly Provider[] {
  return providers.toSorted((a, b) => a.priority - b.priority || b.weight - a.weight || a.id - b.id);
}

function byIds(providers: readonly Provider[], ids: readonly number[]): readonly Provider[] {
  return providers.toSorted((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
}
