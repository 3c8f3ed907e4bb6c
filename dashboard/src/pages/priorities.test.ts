import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prioritiesFor } from './priorities.ts';

const providers = (...priorities: readonly number[]) =>
  priorities.map((priority, index) => ({ id: index + 1, priority }));

describe('the priorities of providers', () => {
  it('change only for the moved provider when a free number is left between its neighbours', () => {
    const [a, b, c] = providers(10, 20, 30);
    expect([...prioritiesFor([a, c, b] as never, 3)]).toEqual([[3, 15]]);
    expect([...prioritiesFor([c, a, b] as never, 3)]).toEqual([[3, 5]]);
    expect([...prioritiesFor([b, c, a] as never, 1)]).toEqual([[1, 40]]);
  });

  it('match the new order after every possible move', () => {
    const lists = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(lists, fc.nat(), fc.nat(), (given, from, to) => {
        const sorted = providers(...given.toSorted((a, b) => a - b));
        const moved = sorted[from % sorted.length] ?? { id: 0, priority: 0 };
        const order = sorted.filter(one => one !== moved).toSpliced(to % sorted.length, 0, moved);
        const set = prioritiesFor(order, moved.id);
        const after = order.map(({ id, priority }) => set.get(id) ?? priority);
        expect(after).toEqual(after.toSorted((a, b) => a - b));
        expect(after.every(priority => priority >= 0)).toBe(true);
        // No other provider has the priority of the moved one.
        const own = set.get(moved.id);
        expect(after.filter(priority => priority === own)).toHaveLength(1);
      }),
    );
  });
});
