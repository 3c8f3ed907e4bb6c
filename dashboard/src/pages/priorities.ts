import type { Provider } from '../data/shapes.ts';

const STEP = 10;

type Ranked = Pick<Provider, 'id' | 'priority'>;

/** The priorities to set after a provider moved, so that providers are tried in this order. Other priorities change only if they must. */
export function prioritiesFor(order: readonly Ranked[], moved: number): ReadonlyMap<number, number> {
  const place = order.findIndex(({ id }) => id === moved);
  const before = order[place - 1]?.priority;
  const after = order[place + 1]?.priority;
  const own = between(before, after);
  if (own !== undefined) return new Map([[moved, own]]);
  // No number is free between the neighbours: all later providers move up by the same amount.
  const start = before === undefined ? 0 : before + STEP;
  const shift = start + STEP - (after ?? start);
  return new Map([
    [moved, start],
    ...order.slice(place + 1).map(({ id, priority }) => [id, priority + shift] as const),
  ]);
}

function between(before: number | undefined, after: number | undefined): number | undefined {
  if (after === undefined) return (before ?? 0) + STEP;
  const middle = before === undefined ? Math.floor(after / 2) : Math.floor((before + after) / 2);
  return middle < after && (before === undefined || middle > before) ? middle : undefined;
}
