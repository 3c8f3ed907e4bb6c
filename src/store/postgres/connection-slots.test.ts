import { describe, expect, test } from 'vitest';
import { createConnectionSlots } from './connection-slots.ts';

describe('slots', () => {
  test('are never more than there are, and go to who came first', async () => {
    const slots = createConnectionSlots(2, 10_000);
    const order: number[] = [];
    let atOnce = 0;
    let most = 0;
    const work = (n: number) => async () => {
      order.push(n);
      atOnce += 1;
      most = Math.max(most, atOnce);
      await new Promise(setImmediate);
      atOnce -= 1;
      return n;
    };
    const all = [0, 1, 2, 3, 4, 5];
    expect(await Promise.all(all.map(n => slots.use(work(n))))).toEqual(all);
    expect([order, most]).toEqual([all, 2]);
  });

  test('are given back by work that fails', async () => {
    const slots = createConnectionSlots(1, 10_000);
    await expect(slots.use(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await slots.use(async () => 'next')).toBe('next');
  });

  test('are not waited for longer than there is patience, and are not lost to who gave up', async () => {
    const slots = createConnectionSlots(1, 5);
    const held = Promise.withResolvers<string>();
    const holder = slots.use(() => held.promise);
    await expect(slots.use(async () => 'late')).rejects.toMatchObject({ code: 'unavailable' });
    held.resolve('done');
    expect(await holder).toBe('done');
    expect(await slots.use(async () => 'next')).toBe('next');
  });
});
