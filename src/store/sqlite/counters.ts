import type { Database } from 'better-sqlite3';
import type { Budget } from '../../core/budget.ts';
import { type Bucket, freeAt, lastBucket, roomIn } from '../budgets.ts';
import type { Draw, Limits } from '../limits.ts';

/** How much of a budget is gone. */
export type Used = (budget: Budget) => number;

export function prepareUsed(db: Database): Used {
  const sum = db
    .prepare('select coalesce(sum(amount), 0) from counters where counter = ? and bucket between ? and ?')
    .pluck();
  return budget => sum.get(...countedIn(budget)) as number;
}

/** The counters' rows, for those who write. */
export interface Counters {
  draw(request: Parameters<Limits['draw']>[0]): Draw;
  giveBack(request: Parameters<Limits['giveBack']>[0]): void;
  /** Takes the whole amount or nothing; then it says when there may be enough, if ever. */
  take(budget: Budget, amount: number): 'taken' | { readonly retryAt?: number };
}

export function prepareCounters(db: Database): Counters {
  const used = prepareUsed(db);
  const buckets = db.prepare(`select bucket, amount from counters
    where counter = cast(? as text) and bucket between ? and ? and amount > 0 order by bucket`);
  const add = db.prepare(`insert into counters (counter, bucket, amount, expires_at) values (?, ?, ?, ?)
    on conflict do update set amount = amount + excluded.amount`);
  const putBack = db.prepare(
    'update counters set amount = max(0, amount - ?) where counter = ? and bucket = ?',
  );

  function count({ counter, bucket, expiresAt }: Budget, amount: number): void {
    add.run(counter, bucket, amount, expiresAt);
  }
  function enoughAt(budget: Budget, wanted: number): number {
    return freeAt(budget, buckets.all(...countedIn(budget)) as Bucket[], wanted);
  }

  return {
    draw({ budgets, least, most }) {
      const rooms = budgets.map(budget => roomIn(budget, used(budget), least));
      const granted = Math.min(most, ...rooms);
      if (granted < least) {
        const short = budgets.filter((_, i) => (rooms[i] ?? 0) < least);
        return { granted: 0, retryAt: Math.max(...short.map(budget => enoughAt(budget, least))) };
      }
      if (granted > 0) for (const budget of budgets) count(budget, granted);
      return { granted };
    },
    giveBack({ budgets, amount }) {
      for (const { counter, bucket } of budgets) putBack.run(amount, counter, bucket);
    },
    take(budget, amount) {
      if (used(budget) + amount <= budget.max) {
        count(budget, amount);
        return 'taken';
      }
      // No time brings what is more than the whole budget.
      return amount > budget.max ? {} : { retryAt: enoughAt(budget, amount) };
    },
  };
}

/** The counter and the buckets of it that count, as the statements take them. */
function countedIn(budget: Budget): [counter: string, from: number, to: number] {
  return [budget.counter, budget.oldest, lastBucket(budget)];
}
