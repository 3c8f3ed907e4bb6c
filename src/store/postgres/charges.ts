import type { Address } from '../../core/address.ts';
import type { Charge } from '../../core/submission.ts';
import type { EnqueueResult } from '../store.ts';
import { type Counters, openCounters } from './counters.ts';
import type { Sql } from './database.ts';
import { lockNames } from './locks.ts';
import { valuesList } from './sql-values.ts';

type Short = Extract<EnqueueResult, { kind: 'short' }>;
type BalanceCharge = Extract<Charge, { kind: 'balance' }>;

/** Everything that a batch of messages may cost, held until its transaction ends. */
export interface Ledger {
  /** Takes all charges of a message, or none and says which there is not enough of. */
  take(charges: readonly Charge[]): Short | undefined;
  /** Writes what was taken. */
  save(now: number): Promise<void>;
}

interface Purse {
  readonly isNew: boolean;
  readonly isEnabled: boolean;
  readonly balance: number;
}

export async function openLedger(sql: Sql, charges: readonly Charge[]): Promise<Ledger> {
  const budgets = charges.flatMap(charge => (charge.kind === 'budget' ? charge.budget.counter : []));
  const owners = charges.flatMap(charge => (charge.kind === 'balance' ? charge.address : []));
  const counters = await openCounters(sql, budgets);
  const known = await openPurses(sql, owners);
  let purses = known;

  function takeOne(charge: Charge): { readonly retryAt?: number } | undefined {
    return charge.kind === 'budget' ? takeBudget(counters, charge) : takeBalance(charge);
  }

  function takeBalance({ address, amount, whenNew }: BalanceCharge): object | undefined {
    const purse = purses.get(address) ?? { isNew: true, isEnabled: true, balance: whenNew };
    if (!purse.isEnabled || purse.balance < amount) return {};
    purses = new Map([...purses, [address, { ...purse, balance: purse.balance - amount }]]);
    return undefined;
  }

  return {
    take(wanted) {
      const undo = counters.mark();
      const before = purses;
      for (const [place, charge] of wanted.entries()) {
        const shortage = takeOne(charge);
        if (shortage === undefined) continue;
        undo();
        purses = before;
        return { kind: 'short', charge: place, ...shortage };
      }
      return undefined;
    },
    async save(now) {
      await counters.save();
      const changed = [...purses].filter(([address, purse]) => known.get(address) !== purse);
      if (changed.length > 0) await savePurses(sql, changed, now);
    },
  };
}

function takeBudget(
  counters: Counters,
  { budget, amount }: Extract<Charge, { kind: 'budget' }>,
): { readonly retryAt?: number } | undefined {
  if (counters.used(budget) + amount <= budget.max) {
    counters.add(budget, amount);
    return undefined;
  }
  // No time brings what is more than the whole budget.
  return amount > budget.max ? {} : { retryAt: counters.enoughAt(budget, amount) };
}

async function openPurses(sql: Sql, owners: readonly Address[]): Promise<ReadonlyMap<Address, Purse>> {
  if (owners.length === 0) return new Map();
  await lockNames(sql, 'balance', owners);
  const rows = await sql.rows<{ address: Address; balance: bigint; is_enabled: boolean }>(
    'select address, balance, is_enabled from balances where address = any($1::text[]) for update',
    [owners],
  );
  return new Map(
    rows.map(row => [row.address, { isNew: false, isEnabled: row.is_enabled, balance: Number(row.balance) }]),
  );
}

async function savePurses(
  sql: Sql,
  purses: readonly (readonly [Address, Purse])[],
  now: number,
): Promise<void> {
  const list = valuesList(
    ['text', 'bigint', 'bigint'],
    purses.map(([address, { balance }]) => [address, balance, now]),
  );
  await sql.change(
    `insert into balances (address, balance, is_enabled, created_at)
      select address, balance, true, created_at from (${list.text}) as p (address, balance, created_at)
      on conflict (address) do update set balance = excluded.balance`,
    list.values,
  );
}
