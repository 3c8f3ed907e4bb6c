import { type Address, parseAddress } from '../../core/address.ts';
import type { Charge } from '../../core/submission.ts';
import type { Balance } from '../../core/temp-mail.ts';
import { TempMailError } from '../../core/temp-mail-refusal.ts';
import type { Addresses } from '../../store/addresses.ts';
import type { TempMailHandlers } from './handlers.ts';
import type { AuditTempMail } from './temp-mail-audit.ts';

/** The balance of each address: the number of recipients that it may still send to. */
export interface Balances {
  /** Returns the balance. At first use it creates a row with the default balance. */
  left(address: Address): Promise<number>;
  /** Throws if the balance is less than `amount`. */
  assertEnough(address: Address, amount: number): Promise<void>;
  /** The charge for `amount` recipients. */
  charge(address: Address, amount: number): Charge;
}

export interface BalancesContext {
  readonly addresses: Addresses;
  readonly defaultBalance: number;
  readonly audit: AuditTempMail;
  /** Epoch ms. */
  readonly now: () => number;
}

export function createBalances({ addresses, defaultBalance, now }: BalancesContext): Balances {
  async function left(address: Address): Promise<number> {
    const open = () => addresses.openBalance({ address, whenNew: defaultBalance, now: now() });
    // With the default 0, only a request for access creates the row. An administrator can then set its balance.
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

/** Handlers for balances: for the owner of an address, and for the administrator. */
export function createBalanceHandlers(
  { addresses, defaultBalance, audit, now }: BalancesContext,
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
    caller: Parameters<AuditTempMail>[0],
    old: Balance | undefined,
    next: Omit<Balance, 'createdAt'>,
  ): Promise<void> {
    if ((await addresses.setBalance(next)) === undefined) throw new TempMailError('balance-id');
    const changes = {
      balance: [old?.balance ?? null, next.balance],
      isEnabled: [old?.isEnabled ?? null, next.isEnabled],
    } as const;
    await audit(caller, { action: 'changed', name: next.address, changes });
  }

  return {
    tempMailBalance: async ({ address }) => ({ address, balance: await balances.left(address) }),
    async tempMailRequestAccess({ address }) {
      const row = await addresses.balance(address);
      if (row === undefined) await addresses.openBalance({ address, whenNew: defaultBalance, now: now() });
      else if (usable(row) <= 0) throw new TempMailError('already-requested');
      return undefined;
    },
    tempMailBalances: (_caller, window) => addresses.balances(window),
    async tempMailSetBalance(caller, { id, address, balance, isEnabled }) {
      const parsed = parseAddress(address);
      if (!parsed.ok) throw new TempMailError('address');
      await set(caller, await addresses.balance(parsed.value), {
        ...{ id, address: parsed.value, balance, isEnabled },
      });
      return undefined;
    },
    async tempMailGrant(caller, { id, balance, isEnabled }) {
      const found = await addresses.get(id);
      if (found === undefined) throw new TempMailError('address-not-found');
      const { address } = found;
      const old = await addresses.balance(address);
      const row = old ?? (await addresses.openBalance({ address, whenNew: 0, now: now() }));
      await set(caller, old, { id: row.id, address, balance, isEnabled });
      return undefined;
    },
    async tempMailRemoveBalance(caller, { id }) {
      if (await addresses.removeBalance(id)) {
        await audit(caller, { action: 'changed', name: '', changes: { balance: [id, null] } });
      }
      return undefined;
    },
  };
}

function usable({ balance, isEnabled }: Balance): number {
  return isEnabled ? balance : 0;
}
