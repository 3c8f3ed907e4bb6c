import { expect, test } from 'vitest';
import { AS_LONG_AS_THE_LAST, createTurns, type TurnsOptions } from './batcher.ts';

/** Turns whose batches are seen, and end when `end` says so. */
function watched(options: Partial<TurnsOptions<number, number>> = {}) {
  const batches: (readonly number[])[] = [];
  const ends: (() => void)[] = [];
  const turns = createTurns<number, number>({
    maxItems: 4,
    isOfItem: () => false,
    run: async items => {
      batches.push(items);
      await new Promise<void>(resolve => ends.push(resolve));
      return items.map(item => item * 2);
    },
    ...options,
  });
  return { turns, batches, end: () => ends.shift()?.() };
}

test('what comes in one turn goes together, what comes while a batch is under way in the next', async () => {
  const { turns, batches, end } = watched();
  const first = [1, 2].map(turns.add);
  await expect.poll(() => batches).toEqual([[1, 2]]);
  const second = [3, 4, 5, 6, 7].map(turns.add);
  end();
  expect(await Promise.all(first)).toEqual([2, 4]);
  await expect
    .poll(() => batches)
    .toEqual([
      [1, 2],
      [3, 4, 5, 6],
    ]);
  end();
  await expect.poll(() => batches).toHaveLength(3);
  end();
  expect(await Promise.all(second)).toEqual([6, 8, 10, 12, 14]);
});

test('while several come at a time, the next batch waits for enough', async () => {
  const { turns, batches, end } = watched({ gathers: { pauseMs: () => 3_600_000, items: 4 } });
  const all = [1, 2, 3].map(turns.add);
  await expect.poll(() => batches).toEqual([[1, 2, 3]]);
  end();
  await Promise.all(all);
  all.push(turns.add(4), turns.add(5));
  // A turn of the event loop and more: nothing has started.
  for (let i = 0; i < 10; i++) await new Promise(resolve => setImmediate(resolve));
  expect(batches).toHaveLength(1);
  all.push(turns.add(6), turns.add(7));
  await expect.poll(() => batches).toHaveLength(2);
  end();
  expect(await Promise.all(all)).toEqual([2, 4, 6, 8, 10, 12, 14]);
});

test('the pause is told how long the last batch took', async () => {
  const told: number[] = [];
  const pauseMs = (tookMs: number) => {
    told.push(tookMs);
    return 0;
  };
  const run = async (items: readonly number[]) => {
    await new Promise(resolve => setTimeout(resolve, 30));
    return items;
  };
  const { turns } = watched({ run, gathers: { pauseMs, items: 9 } });
  await Promise.all([1, 2, 3].map(turns.add));
  await turns.add(4);
  expect(told.length).toBeGreaterThan(0);
  // Timers of Node may ring early by what its last turn took.
  expect(Math.min(...told)).toBeGreaterThan(5);
  expect(AS_LONG_AS_THE_LAST.pauseMs(7)).toBe(7);
  expect(AS_LONG_AS_THE_LAST.pauseMs(30_000)).toBe(20);
});

test('who waits for each before the next is not kept waiting', async () => {
  const run = async (items: readonly number[]) => items;
  const { turns } = watched({ run, gathers: { pauseMs: () => 3_600_000, items: 9 } });
  for (let i = 0; i < 5; i++) expect(await turns.add(i)).toBe(i);
});

test('what still gathers is done when time is up, or when it is closed', async () => {
  const run = async (items: readonly number[]) => items;
  const timed = watched({ run, gathers: { pauseMs: () => 30, items: 9 } }).turns;
  await Promise.all([1, 2, 3].map(timed.add));
  expect(await timed.add(4)).toBe(4);
  const closed = watched({ run, gathers: { pauseMs: () => 3_600_000, items: 9 } }).turns;
  await Promise.all([1, 2, 3].map(closed.add));
  const last = closed.add(4);
  await closed.close();
  expect(await last).toBe(4);
  await expect(closed.add(5)).rejects.toThrow();
});
