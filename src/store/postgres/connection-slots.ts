import { unavailable } from '../unavailable.ts';

/** Lets so many work at once; the others wait, in the order in which they came, but not for ever. */
export interface ConnectionSlots {
  /** Rejected as `unavailable`, and nothing done, when no slot became free in time. */
  use<T>(work: () => Promise<T>): Promise<T>;
}

export function createConnectionSlots(count: number, patienceMs: number): ConnectionSlots {
  let free = count;
  const waiting = new Set<() => void>();

  async function take(): Promise<void> {
    if (free > 0) {
      free -= 1;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    waiting.add(resolve);
    const timeout = setTimeout(() => {
      waiting.delete(resolve);
      reject(unavailable('The database is too busy.'));
    }, patienceMs);
    await promise.finally(() => clearTimeout(timeout));
  }

  function giveBack(): void {
    const [next] = waiting;
    if (next === undefined) {
      free += 1;
      return;
    }
    waiting.delete(next);
    next();
  }

  return {
    async use(work) {
      await take();
      try {
        return await work();
      } finally {
        giveBack();
      }
    },
  };
}
