import { sharedClockMs } from '../clock.ts';

/** Which messages are asked after. */
export interface CollectTask {
  /** So many numbers from `first`. */
  readonly first: number;
  readonly count: number;
  /** Waits for those that are missing until nothing has come for so long. */
  readonly patienceMs: number;
}

export interface Collected {
  /** When the last of these messages came for the first time, on the shared clock; 0 when none came. */
  readonly lastAt: number;
  /** For each message, from `first`, how often it came; 255 for that and more. */
  readonly copies: Uint8Array;
  /** Messages of the whole run that carry no number of it. */
  readonly strangers: number;
}

/** What has come since the sink was started. */
export interface Arrivals {
  note(id: number | undefined): void;
  collect(task: CollectTask): Promise<Collected>;
}

const LOOK_MS = 20;

/** Counts messages by their numbers, which are below `capacity`. */
export function createArrivals(capacity: number): Arrivals {
  const copies = new Uint8Array(capacity);
  const firstAt = new Float64Array(capacity);
  let strangers = 0;
  let latestAt = 0;

  function isComplete({ first, count }: CollectTask): boolean {
    return !copies.subarray(first, first + count).includes(0);
  }

  return {
    note(id = capacity) {
      latestAt = sharedClockMs();
      const before = copies[id];
      if (before === undefined) strangers += 1;
      else copies[id] = Math.min(255, before + 1);
      if (before === 0) firstAt[id] = latestAt;
    },
    async collect(task) {
      const { first, count, patienceMs } = task;
      const askedAt = sharedClockMs();
      while (!isComplete(task) && sharedClockMs() - Math.max(askedAt, latestAt) < patienceMs) {
        await new Promise(resolve => setTimeout(resolve, LOOK_MS));
      }
      const lastAt = firstAt.subarray(first, first + count).reduce((a, b) => Math.max(a, b), 0);
      return { lastAt, copies: copies.slice(first, first + count), strangers };
    },
  };
}
