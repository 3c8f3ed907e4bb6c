/** Limits how many jobs run at the same time. Jobs start in the order of their calls. */
export interface Semaphore {
  /** Runs the work as soon as a slot is free. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

export function createSemaphore(count: number): Semaphore {
  const waiting: (() => void)[] = [];
  let free = count;

  async function acquire(): Promise<void> {
    if (free > 0) {
      free--;
      return;
    }
    // `release` passes its slot directly to this call, and does not count it as free.
    await new Promise<void>(resolve => void waiting.push(resolve));
  }

  function release(): void {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  }

  return {
    async run(work) {
      await acquire();
      try {
        return await work();
      } finally {
        release();
      }
    },
  };
}
