/** So many at a time, first come, first served. */
export interface Semaphore {
  /** Runs the work once there is a slot for it. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

export function createSemaphore(count: number): Semaphore {
  const waiting: (() => void)[] = [];
  let free = count;

  async function take(): Promise<void> {
    if (free > 0) {
      free--;
      return;
    }
    // The slot goes from hand to hand.
    await new Promise<void>(resolve => void waiting.push(resolve));
  }

  function giveBack(): void {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  }

  return {
    async run(work) {
      await take();
      try {
        return await work();
      } finally {
        giveBack();
      }
    },
  };
}
