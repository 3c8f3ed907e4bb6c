import type { Provider } from '../data/shapes.ts';

const STEP = 10;

type Placed = Pick<Provider, 'id' | 'priority'>;

/** The priorities to set so that providers are tried in this order, after one of them moved; the others keep theirs where they can. */
export function prioritiesFor(order: readonly Placed[], moved: number): ReadonlyMap<number, number> {
  const place = order.findIndex(({ id }) => id === moved);
  const before = order[place - 1]?.priority;
  const after = order[place + 1]?.priority;
  const own = between(before, after);
  if (own !== undefined) return new Map([[moved, own]]);
  // No room: what follows makes some, and stays as far apart as it was.
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
