import { sharedClockMs } from '../clock.ts';

/** The messages to wait for. */
export interface CollectTask {
  /** Number of the first message; the others follow. */
  readonly first: number;
  readonly count: number;
  /** Waits for missing messages until nothing has arrived for this time. */
  readonly idleTimeoutMs: number;
}

export interface Collected {
  /** When the last of these messages arrived for the first time, on the shared clock; 0 if none arrived. */
  readonly lastAt: number;
  /** For each message, from `first`: how many times it arrived; 255 means 255 or more. */
  readonly copies: Uint8Array;
  /** Messages of the whole run without a valid number. */
  readonly unexpected: number;
}

/** The messages that have arrived since the start of the sink. */
export interface Arrivals {
  note(id: number | undefined): void;
  collect(task: CollectTask): Promise<Collected>;
}

const POLL_MS = 20;

/** Counts messages by number. Numbers are below `capacity`. */
export function createArrivals(capacity: number): Arrivals {
  const copies = new Uint8Array(capacity);
  const firstAt = new Float64Array(capacity);
  let unexpected = 0;
  let latestAt = 0;

  function isComplete({ first, count }: CollectTask): boolean {
    return !copies.subarray(first, first + count).includes(0);
  }

  return {
    note(id = capacity) {
      latestAt = sharedClockMs();
      const before = copies[id];
      if (before === undefined) unexpected += 1;
      else copies[id] = Math.min(255, before + 1);
      if (before === 0) firstAt[id] = latestAt;
    },
    async collect(task) {
      const { first, count, idleTimeoutMs } = task;
      const askedAt = sharedClockMs();
      while (!isComplete(task) && sharedClockMs() - Math.max(askedAt, latestAt) < idleTimeoutMs) {
        await new Promise(resolve => setTimeout(resolve, POLL_MS));
      }
      const lastAt = firstAt.subarray(first, first + count).reduce((a, b) => Math.max(a, b), 0);
      return { lastAt, copies: copies.slice(first, first + count), unexpected };
    },
  };
}
