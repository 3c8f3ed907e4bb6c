import { type Address, parseAddress } from '../core/address.ts';
import type { Charge } from '../core/submission.ts';
import type { Balance } from '../core/temp-mail.ts';
import { TempMailError } from '../core/temp-mail-refusal.ts';
import type { Addresses } from '../store/store.ts';
import type { TempMailHandlers } from './handlers.ts';

/** What addresses may still send. */
export interface Balances {
  /** Recipients it may still send to; a row with what new addresses get is made on first use. */
  left(address: Address): Promise<number>;
  /** Throws unless it may send to so many. */
  assertEnough(address: Address, amount: number): Promise<void>;
  /** What so many recipients cost it. */
  charge(address: Address, amount: number): Charge;
}

export interface BalancesContext {
  readonly addresses: Addresses;
  readonly defaultBalance: number;
  /** Epoch ms. */
  readonly now: () => number;
}

export function createBalances({ addresses, defaultBalance, now }: BalancesContext): Balances {
  async function left(address: Address): Promise<number> {
    const open = () => addresses.openBalance({ address, whenNew: defaultBalance, now: now() });
    // Where new addresses get nothing, only asking for access makes the row that an administrator can fill.
    const row = (await addresses.balance(address)) ?? (defaultBalance > 0 ? await open() : undefined);
    return row === undefined ? 0 : usable(row);
  }

  return {
    left,
    async assertEnough(address, amount) {
      if ((await left(address)) < amount) throw new TempMailError('no-balance');
    },
    charge: (address, amount) => ({
      kind: 'balance',
      address,
      amount,
      whenNew: defaultBalance,
      reason: 'no-balance',
    }),
  };
}

/** What holders and administrators do with balances. */
export function createBalanceHandlers(
  { addresses, defaultBalance, now }: BalancesContext,
  balances: Balances,
): Pick<
  TempMailHandlers,
  | 'tempMailBalance'
  | 'tempMailRequestAccess'
  | 'tempMailBalances'
  | 'tempMailSetBalance'
  | 'tempMailRemoveBalance'
> {
  return {
    tempMailBalance: async ({ address }) => ({ address, balance: await balances.left(address) }),
    async tempMailRequestAccess({ address }) {
      const row = await addresses.balance(address);
      if (row === undefined) await addresses.openBalance({ address, whenNew: defaultBalance, now: now() });
      else if (usable(row) <= 0) throw new TempMailError('already-requested');
      return undefined;
    },
    tempMailBalances: (_who, window) => addresses.balances(window),
    async tempMailSetBalance(_who, { id, address, balance, isEnabled }) {
      const parsed = parseAddress(address);
      if (!parsed.ok) throw new TempMailError('address');
      const row = await addresses.setBalance({ id, address: parsed.value, balance, isEnabled });
      if (row === undefined) throw new TempMailError('balance-id');
      return undefined;
    },
    async tempMailRemoveBalance(_who, { id }) {
      await addresses.removeBalance(id);
      return undefined;
    },
  };
}

function usable({ balance, isEnabled }: Balance): number {
  return isEnabled ? balance : 0;
}
