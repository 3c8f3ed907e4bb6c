import type { Charge } from '../../core/submission.ts';
import type { EnqueueResult } from '../store.ts';
import type { AddressRows } from './address-rows.ts';
import type { Counters } from './counters.ts';

type Short = Extract<EnqueueResult, { kind: 'short' }>;

/**
 * Takes charges one after the other, so that those on the same counter see each other; says which there is not enough
 * of. What was taken before that one is for the caller to roll back.
 */
export type TakeCharges = (charges: readonly Charge[], now: number) => Short | undefined;

export function prepareCharges(counters: Counters, addresses: AddressRows): TakeCharges {
  return (charges, now) => {
    for (const [place, charge] of charges.entries()) {
      const result = take(charge, now);
      if (result !== 'taken') return { kind: 'short', charge: place, ...result };
    }
    return undefined;
  };

  function take(charge: Charge, now: number): 'taken' | { readonly retryAt?: number } {
    if (charge.kind === 'budget') return counters.take(charge.budget, charge.amount);
    const { address, amount, whenNew } = charge;
    addresses.openBalance({ address, whenNew, now });
    return addresses.spend(address, amount) ? 'taken' : {};
  }
}
