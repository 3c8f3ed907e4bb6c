import { storeIsClosed } from '../unavailable.ts';

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** How a batch waits for more: so long after the last one ended, unless so many wait. */
interface Gathering {
  readonly pauseMs: (lastTookMs: number) => number;
  readonly items: number;
}

/**
 * As long as the last one took: as much goes through as without a pause, at half the cost, where those who wait for an
 * answer send the next thing once they have it. Never long, since what took long was not the amount.
 */
export const AS_LONG_AS_THE_LAST: Gathering = { pauseMs: tookMs => Math.min(tookMs, 20), items: 50 };

export interface TurnsOptions<Item, Result> {
  /** Does all items in one transaction; results in their order. When it throws, nothing of any of them happened. */
  readonly run: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** Whether an error may be one item's alone, so that the others are worth another try without it. */
  readonly isOfItem: (error: unknown) => boolean;
  readonly maxItems: number;
  readonly bytesOf?: (item: Item) => number;
  readonly maxBytes?: number;
  /** While items come several at a time, each batch waits for more; absent: it starts as soon as it may. */
  readonly gathers?: Gathering;
}

/** What comes within one turn of the event loop, or while a batch is under way, goes in the next, in order. */
export interface Turns<Item, Result> {
  add(item: Item): Promise<Result>;
  /** Resolves once all that came has been done; whatever comes later is rejected. */
  close(): Promise<void>;
}

/** Fewer come from somebody who waits for each before the next: gathering would only make that slow. */
const SEVERAL = 3;

export function createTurns<Item, Result>(options: TurnsOptions<Item, Result>): Turns<Item, Result> {
  const { maxItems, gathers } = options;
  const { bytesOf = () => 0, maxBytes = Number.POSITIVE_INFINITY } = options;
  let waiting: Waiting<Item, Result>[] = [];
  let isUnderWay = false;
  let isScheduled = false;
  let nextAt = Number.NEGATIVE_INFINITY;
  let isBusy = false;
  let pausing: NodeJS.Timeout | undefined;
  let drained: PromiseWithResolvers<void> | undefined;

  function schedule(): void {
    if (!isUnderWay && waiting.length === 0) drained?.resolve();
    if (isScheduled || isUnderWay || waiting.length === 0) return;
    clearTimeout(pausing);
    const pauseMs = nextAt - performance.now();
    if (isBusy && pauseMs > 0 && waiting.length < (gathers?.items ?? 0) && drained === undefined) {
      pausing = setTimeout(schedule, pauseMs);
      return;
    }
    isScheduled = true;
    setImmediate(start);
  }

  function start(): void {
    isScheduled = false;
    const startedAt = performance.now();
    const batch = take();
    isBusy = batch.length >= SEVERAL;
    isUnderWay = true;
    settle(options, batch).finally(() => {
      isUnderWay = false;
      const now = performance.now();
      if (gathers !== undefined) nextAt = now + gathers.pauseMs(now - startedAt);
      schedule();
    });
  }

  /** At least one, whatever its size. */
  function take(): Waiting<Item, Result>[] {
    let bytes = 0;
    let count = 0;
    for (const { item } of waiting.slice(0, maxItems)) {
      bytes += bytesOf(item);
      if (count > 0 && bytes > maxBytes) break;
      count++;
    }
    const batch = waiting.slice(0, count);
    waiting = waiting.slice(count);
    return batch;
  }

  return {
    add(item) {
      if (drained !== undefined) return Promise.reject(storeIsClosed());
      const { promise, resolve, reject } = Promise.withResolvers<Result>();
      waiting.push({ item, resolve, reject });
      schedule();
      return promise;
    },
    close() {
      drained ??= Promise.withResolvers();
      schedule();
      return drained.promise;
    },
  };
}

async function settle<Item, Result>(
  options: TurnsOptions<Item, Result>,
  batch: readonly Waiting<Item, Result>[],
): Promise<void> {
  try {
    const results = await options.run(batch.map(({ item }) => item));
    for (const [i, one] of batch.entries()) one.resolve(results[i] as Result);
  } catch (error) {
    if (batch.length === 1 || !options.isOfItem(error)) {
      for (const one of batch) one.reject(error);
      return;
    }
    for (const one of batch) await settle(options, [one]);
  }
}
