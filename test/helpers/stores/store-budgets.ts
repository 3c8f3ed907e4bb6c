import type { Budget } from '../../../src/core/budget.ts';

/** What is counted of draws, said as plainly as can be: what every engine's counters are held against. */
export interface BudgetModel {
  left(budget: Budget): number;
  draw(budgets: readonly Budget[], least: number, most: number): number;
  giveBack(budgets: readonly Budget[], amount: number): void;
}

export function createBudgetModel(): BudgetModel {
  const drawn: { counter: string; bucket: number; amount: number }[] = [];
  const used = ({ counter, oldest }: Budget) =>
    drawn
      .filter(one => one.counter === counter && one.bucket >= oldest)
      .reduce((sum, { amount }) => sum + amount, 0);
  const note = (budgets: readonly Budget[], amount: number) => {
    for (const { counter, bucket } of budgets) drawn.push({ counter, bucket, amount });
  };
  const left = (budget: Budget) => Math.max(0, budget.max - used(budget));

  return {
    left,
    draw(budgets, least, most) {
      let granted = most;
      for (const budget of budgets) {
        const isWhole = used(budget) === 0 && least > budget.max;
        granted = Math.min(granted, isWhole ? least : left(budget));
      }
      if (granted < least) return 0;
      note(budgets, granted);
      return granted;
    },
    giveBack: (budgets, amount) => note(budgets, -amount),
  };
}
