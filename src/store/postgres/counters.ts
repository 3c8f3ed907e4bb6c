import type { Budget } from '../../core/budget.ts';
import { type Bucket, freeAt, lastBucket, roomIn } from '../budgets.ts';
import type { Draw, Limits } from '../limits.ts';
import type { Database, Sql } from './database.ts';
import { lockNames } from './locks.ts';
import { valuesList } from './sql-values.ts';

interface CounterRow {
  readonly counter: string;
  readonly bucket: bigint;
  readonly amount: bigint;
}

/** What was drawn of some counters, and what is drawn now; nobody else draws from them until the transaction ends. */
export interface Counters {
  used(budget: Budget): number;
  add(budget: Budget, amount: number): void;
  /** Epoch ms when `wanted` is there, if nobody draws meanwhile. */
  enoughAt(budget: Budget, wanted: number): number;
  /** Takes back what was added since `mark`. */
  mark(): () => void;
  save(): Promise<void>;
}

/** Locks counters, in the order of their names, and reads them. */
export async function openCounters(sql: Sql, names: readonly string[]): Promise<Counters> {
  if (names.length > 0) await lockNames(sql, 'counter', names);
  return readCounters(sql, names);
}

/** The same without a lock: to look only. */
async function readCounters(sql: Sql, names: readonly string[]): Promise<Counters> {
  const rows = await sql.rows<CounterRow>(
    'select counter, bucket, amount from counters where counter = any($1::text[]) and amount > 0',
    [names],
  );
  const stored = Map.groupBy(rows, row => row.counter);
  let added: { readonly budget: Budget; readonly amount: number }[] = [];

  function buckets(budget: Budget): readonly Bucket[] {
    const last = lastBucket(budget);
    const all = [
      ...(stored.get(budget.counter) ?? []).map(row => ({
        bucket: Number(row.bucket),
        amount: Number(row.amount),
      })),
      ...added
        .filter(one => one.budget.counter === budget.counter)
        .map(one => ({ bucket: one.budget.bucket, amount: one.amount })),
    ];
    return all
      .filter(({ bucket }) => bucket >= budget.oldest && bucket <= last)
      .sort((a, b) => a.bucket - b.bucket);
  }

  return {
    used: budget => buckets(budget).reduce((sum, { amount }) => sum + amount, 0),
    add: (budget, amount) => void added.push({ budget, amount }),
    enoughAt: (budget, wanted) => freeAt(budget, buckets(budget), wanted),
    mark() {
      const before = added;
      added = [...before];
      return () => {
        added = before;
      };
    },
    async save() {
      if (added.length > 0) await addAll(sql, added);
    },
  };
}

async function addAll(
  sql: Sql,
  added: readonly { readonly budget: Budget; readonly amount: number }[],
): Promise<void> {
  const list = valuesList(
    ['text', 'bigint', 'bigint', 'bigint'],
    added.map(({ budget, amount }) => [budget.counter, budget.bucket, amount, budget.expiresAt]),
  );
  await sql.change(
    `insert into counters (counter, bucket, amount, expires_at)
      select counter, bucket, sum(amount), max(expires_at)
      from (${list.text}) as a (counter, bucket, amount, expires_at) group by counter, bucket
      on conflict (counter, bucket) do update set amount = counters.amount + excluded.amount`,
    list.values,
  );
}

/** Budgets, drawn one after the other whichever node asks. */
export function createLimits(db: Database): Limits {
  return {
    draw: request => db.transaction(sql => draw(sql, request)),
    async giveBack({ budgets, amount }) {
      for (const { counter, bucket } of budgets)
        await db.change(
          'update counters set amount = greatest(0, amount - $1) where counter = $2 and bucket = $3',
          [amount, counter, bucket],
        );
    },
    async left({ budgets }) {
      const counters = await readCounters(
        db,
        budgets.map(budget => budget.counter),
      );
      return Math.min(...budgets.map(budget => Math.max(0, budget.max - counters.used(budget))));
    },
  };
}

async function draw(sql: Sql, { budgets, least, most }: Parameters<Limits['draw']>[0]): Promise<Draw> {
  const counters = await openCounters(
    sql,
    budgets.map(budget => budget.counter),
  );
  const rooms = budgets.map(budget => roomIn(budget, counters.used(budget), least));
  const granted = Math.min(most, ...rooms);
  if (granted < least) {
    const short = budgets.filter((_, i) => (rooms[i] ?? 0) < least);
    return { granted: 0, retryAt: Math.max(...short.map(budget => counters.enoughAt(budget, least))) };
  }
  if (granted > 0) for (const budget of budgets) counters.add(budget, granted);
  await counters.save();
  return { granted };
}
