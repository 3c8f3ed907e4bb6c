/** Promises that nobody awaits where they start. Their errors are reported, and a shutdown waits for all of them. */
export interface BackgroundWork {
  add(work: Promise<void>): void;
  isIdle(): boolean;
  /** Resolves once all work that is under way now has ended. */
  ended(): Promise<void>;
}

export function createBackgroundWork(onError: (error: unknown) => void): BackgroundWork {
  const underWay = new Set<Promise<void>>();
  return {
    add(work) {
      const tracked = work.catch(onError).finally(() => underWay.delete(tracked));
      underWay.add(tracked);
    },
    isIdle: () => underWay.size === 0,
    async ended() {
      await Promise.all(underWay);
    },
  };
}
