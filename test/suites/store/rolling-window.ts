import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Budget, rollingBudget } from '../../../src/core/budget.ts';
import { type BudgetModel, createBudgetModel } from '../../helpers/stores/store-budgets.ts';
import { createRig, type MakeHarness, type StoreRig } from '../../helpers/stores/store-rig.ts';

const RUNS = 25;
/** On a busy disk there are fewer. */
const LIMIT_MS = 8_000;

type Step =
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'draw'; readonly least: number; readonly more: number }
  | { readonly kind: 'give back'; readonly share: number }
  | { readonly kind: 'restart' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 900 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 900, max: 70_000 }) }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('draw' as const),
      least: fc.integer({ min: 1, max: 12 }),
      more: fc.integer({ min: 0, max: 20 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('give back' as const), share: fc.integer({ min: 0, max: 2 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
);

export function describeRollingWindow(makeHarness: MakeHarness): void {
  describe('any run of draws', () => {
    test('counts as a plain list of them does, and may go on at the time it was told and no sooner', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 10, maxLength: 40 }),
          fc.integer({ min: 1, max: 8 }),
          fc.integer({ min: 5, max: 30 }),
          async (steps, perSecond, perMinute) => {
            const harness = await makeHarness();
            const rig = await createRig(harness);
            try {
              await compare(rig, steps, now => [
                rollingBudget('one', 'second', perSecond, now),
                rollingBudget('one', 'minute', perMinute, now),
              ]);
            } finally {
              await rig.store.close();
              await harness.remove();
            }
          },
        ),
        { numRuns: RUNS, interruptAfterTimeLimit: LIMIT_MS },
      );
    });
  });
}

async function compare(
  rig: StoreRig,
  steps: readonly Step[],
  budgetsAt: (now: number) => readonly Budget[],
): Promise<void> {
  const model = createBudgetModel();
  let last: { budgets: readonly Budget[]; granted: number } | undefined;
  for (const one of steps) {
    const budgets = budgetsAt(rig.now());
    if (one.kind === 'wait') rig.advance(one.ms);
    if (one.kind === 'restart') await rig.restart();
    if (one.kind === 'draw') last = await drawBoth(rig, model, one, budgetsAt);
    if (one.kind === 'give back' && last !== undefined) {
      const amount = Math.floor((last.granted * one.share) / 2);
      model.giveBack(last.budgets, amount);
      await rig.hurry(rig.store.limits.giveBack({ budgets: last.budgets, amount }));
      last = undefined;
    }
    for (const budget of budgets) {
      const left = await rig.store.limits.left({ budgets: [budget], now: rig.now() });
      expect(left).toBe(model.left(budget));
    }
  }
}

async function drawBoth(
  rig: StoreRig,
  model: BudgetModel,
  { least, more }: { readonly least: number; readonly more: number },
  budgetsAt: (now: number) => readonly Budget[],
) {
  const now = rig.now();
  const budgets = budgetsAt(now);
  const drawn = await rig.store.limits.draw({ budgets, least, most: least + more, now });
  const expected = model.draw(budgets, least, least + more);
  expect(drawn.granted).toBe(expected);
  if (!('retryAt' in drawn)) return { budgets, granted: drawn.granted };
  // A draw of the model would be counted; on a budget of its own it only tells whether there is enough.
  const isEnoughAt = (at: number) => budgetsAt(at).every(budget => canDraw(model, budget, least));
  expect([isEnoughAt(drawn.retryAt - 1), isEnoughAt(drawn.retryAt)]).toEqual([false, true]);
  return undefined;
}

function canDraw(model: BudgetModel, budget: Budget, least: number): boolean {
  return model.left(budget) >= Math.min(least, budget.max);
}
