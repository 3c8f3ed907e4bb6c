import { expect, it } from 'vitest';
import { createSemaphore } from './semaphore.ts';

it('createSemaphore(3) runs at most 3 jobs at the same time, and all jobs in the end', async () => {
  const semaphore = createSemaphore(3);
  let [under, most] = [0, 0];
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, i) =>
      semaphore.run(async () => {
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
