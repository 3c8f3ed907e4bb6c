import type { Event } from '../core/event.ts';
import type { AccountId } from '../core/message.ts';
import type { History } from '../store/store.ts';
import { pause } from './pause.ts';

export interface FollowOptions {
  readonly history: Pick<History, 'events' | 'cursor' | 'keepCursor' | 'newest' | 'onEvents'>;
  /** Under which name the store keeps how far this reader has come. */
  readonly reader: string;
  /** Only the events of this account; absent: all. */
  readonly account?: AccountId;
  /** Where a reader begins that the store does not know. */
  readonly begins: 'oldest' | 'newest';
  /**
   * Handles events, the oldest first; resolves with the last one that it is done with, undefined when with none. What comes
   * after that, and all of it after a throw or a crash, comes again.
   */
  readonly handle: (events: readonly Event[], signal: AbortSignal) => Promise<Event | undefined>;
  readonly onError: (error: unknown) => void;
  /** Looks are this far apart at least, unless there is much to read. */
  readonly pauseMs: number;
}

/** Something that reads on until it is stopped. */
export interface Follower {
  /** Aborts what is being handled, and waits for it. */
  stop(): Promise<void>;
}

const AFTER_ERROR_MS = 5_000;
/** Without news it looks all the same, should any have been missed. */
const LONGEST_MS = 60_000;
const LIMIT = 500;
/** What the store says of a reader that it does not know. */
const NEVER = '0';

/** Reads the event log to its end and on, across restarts: every event is handled at least once, in order. */
export function followEvents(options: FollowOptions): Follower {
  const ending = new AbortController();
  const running = run(options, ending.signal);
  return {
    async stop() {
      ending.abort();
      await running;
    },
  };
}

async function run(options: FollowOptions, signal: AbortSignal): Promise<void> {
  const { history, onError, pauseMs } = options;
  while (!signal.aborted) {
    const news = new AbortController();
    const lookedAt = performance.now();
    // Listening starts before the look, so that no event falls between the two.
    const stopListening = history.onEvents(() => news.abort());
    try {
      if (await readOn(options, signal)) continue;
      await pause(LONGEST_MS, AbortSignal.any([signal, news.signal]));
      await pause(lookedAt + pauseMs - performance.now(), signal);
    } catch (error) {
      onError(error);
      await pause(AFTER_ERROR_MS, signal);
    } finally {
      stopListening();
    }
  }
}

/** Handles the next events; false when there were none. */
async function readOn(
  { history, reader, account, begins, handle }: FollowOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const after = await position(history, reader, begins);
  const events = await history.events({ after, limit: LIMIT, ...(account !== undefined && { account }) });
  if (events.length === 0) return false;
  const last = await handle(events, signal);
  if (last !== undefined) await keepPosition(history, reader, last.seq);
  return true;
}

/** The seq of the event that was handled last. */
async function position(
  history: FollowOptions['history'],
  reader: string,
  begins: FollowOptions['begins'],
): Promise<string> {
  const kept = await history.cursor(reader);
  if (kept !== NEVER) return String(BigInt(kept) - 1n);
  const start = begins === 'oldest' ? '0' : await history.newest();
  await keepPosition(history, reader, start);
  return start;
}

/** One more than was handled is kept, so that a reader which began before the first event is not one that never began. */
function keepPosition(history: FollowOptions['history'], reader: string, seq: string): Promise<void> {
  return history.keepCursor(reader, String(BigInt(seq) + 1n));
}

/** Makes the store forget a reader: should there be one of that name again, it begins anew. */
export async function forgetReader(
  history: Pick<History, 'cursor' | 'keepCursor'>,
  reader: string,
): Promise<void> {
  if ((await history.cursor(reader)) !== NEVER) await history.keepCursor(reader, NEVER);
}
