import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../data/api.ts';
import { providerName } from '../data/lists.ts';
import type { Provider } from '../data/shapes.ts';
import { prioritiesFor } from './priorities.ts';

/** The order in which providers are tried, and a way to change it. */
export interface ProviderOrder {
  readonly ordered: readonly Provider[];
  /** Puts a provider in a place, the first being 0; nothing happens where there is no such place. */
  readonly move: (id: number, place: number) => void;
  readonly isBusy: boolean;
  readonly error: Error | null;
  /** What was done, for screen readers; '' before anything was. */
  readonly said: string;
}

/** Shows a new order at once, and sets the priorities that make it at the gate. */
export function useProviderOrder(providers: readonly Provider[]): ProviderOrder {
  const client = useQueryClient();
  const [said, say] = useState('');
  const [wanted, want] = useState<readonly number[]>();
  const ordered = wanted === undefined ? inOrder(providers) : inOrderOf(providers, wanted);
  const save = useMutation({
    mutationFn: async (priorities: ReadonlyMap<number, number>) => {
      for (const [id, priority] of priorities) await call('PATCH', `/v1/providers/${id}`, { priority });
    },
    onSettled: async () => {
      await client.invalidateQueries();
      want(undefined);
    },
  });
  const move = (id: number, place: number) => {
    const moved = ordered.find(provider => provider.id === id);
    if (moved === undefined || ordered[place] === undefined || ordered[place] === moved) return;
    const order = ordered.filter(provider => provider !== moved).toSpliced(place, 0, moved);
    want(order.map(provider => provider.id));
    say(`${providerName(moved)} is number ${place + 1} of ${order.length} now`);
    save.mutate(prioritiesFor(order, id));
  };
  return { ordered, move, isBusy: save.isPending, error: save.error, said };
}

function inOrder(providers: readonly Provider[]): readonly Provider[] {
  return providers.toSorted((a, b) => a.priority - b.priority || b.weight - a.weight || a.id - b.id);
}

function inOrderOf(providers: readonly Provider[], ids: readonly number[]): readonly Provider[] {
  return providers.toSorted((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
}
