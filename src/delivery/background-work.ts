/** Work that nobody awaits where it is begun: what fails of it is reported, and a shutdown waits for all of it. */
export interface BackgroundWork {
  add(work: Promise<void>): void;
  isIdle(): boolean;
  /** Resolves once all that is under way now has ended. */
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
