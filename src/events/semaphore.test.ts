import { expect, it } from 'vitest';
import { createSemaphore } from './semaphore.ts';

it('runs no more at once than there are slots, and all of them in the end', async () => {
  const slots = createSemaphore(3);
  let [under, most] = [0, 0];
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, i) =>
      slots.run(async () => {
        most = Math.max(most, ++under);
        await new Promise(resolve => setImmediate(resolve));
        under--;
        if (i % 3 === 0) throw new Error('failed');
        return i;
      }),
    ),
  );
  expect(most).toBe(3);
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(7);
});
