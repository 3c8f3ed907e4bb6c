import { type Address, parseAddress } from '../../core/address.ts';
import type { Charge } from '../../core/submission.ts';
import type { Balance } from '../../core/temp-mail.ts';
import { TempMailError } from '../../core/temp-mail-refusal.ts';
import type { Addresses } from '../../store/addresses.ts';
import type { TempMailHandlers } from './handlers.ts';
import type { NoteByHand } from './temp-mail-audit.ts';

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
  readonly note: NoteByHand;
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
  { addresses, defaultBalance, note, now }: BalancesContext,
  balances: Balances,
): Pick<
  TempMailHandlers,
  | 'tempMailBalance'
  | 'tempMailRequestAccess'
  | 'tempMailBalances'
  | 'tempMailSetBalance'
  | 'tempMailGrant'
  | 'tempMailRemoveBalance'
> {
  async function set(
    who: Parameters<NoteByHand>[0],
    old: Balance | undefined,
    next: Omit<Balance, 'createdAt'>,
  ): Promise<void> {
    if ((await addresses.setBalance(next)) === undefined) throw new TempMailError('balance-id');
    const changes = {
      balance: [old?.balance ?? null, next.balance],
      isEnabled: [old?.isEnabled ?? null, next.isEnabled],
    } as const;
    await note(who, { action: 'changed', name: next.address, changes });
  }

  return {
    tempMailBalance: async ({ address }) => ({ address, balance: await balances.left(address) }),
    async tempMailRequestAccess({ address }) {
      const row = await addresses.balance(address);
      if (row === undefined) await addresses.openBalance({ address, whenNew: defaultBalance, now: now() });
      else if (usable(row) <= 0) throw new TempMailError('already-requested');
      return undefined;
    },
    tempMailBalances: (_who, window) => addresses.balances(window),
    async tempMailSetBalance(who, { id, address, balance, isEnabled }) {
      const parsed = parseAddress(address);
      if (!parsed.ok) throw new TempMailError('address');
      await set(who, await addresses.balance(parsed.value), {
        ...{ id, address: parsed.value, balance, isEnabled },
      });
      return undefined;
    },
    async tempMailGrant(who, { id, balance, isEnabled }) {
      const known = await addresses.get(id);
      if (known === undefined) throw new TempMailError('address-not-found');
      const { address } = known;
      const old = await addresses.balance(address);
      const row = old ?? (await addresses.openBalance({ address, whenNew: 0, now: now() }));
      await set(who, old, { id: row.id, address, balance, isEnabled });
      return undefined;
    },
    async tempMailRemoveBalance(who, { id }) {
      if (await addresses.removeBalance(id)) {
        await note(who, { action: 'changed', name: '', changes: { balance: [id, null] } });
      }
      return undefined;
    },
  };
}

function usable({ balance, isEnabled }: Balance): number {
  return isEnabled ? balance : 0;
}
