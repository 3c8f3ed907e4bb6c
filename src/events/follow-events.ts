import type { Event, EventType } from '../core/event.ts';
import type { AccountId } from '../core/message.ts';
import type { History } from '../store/store.ts';
import { pause } from './pause.ts';

export interface FollowOptions {
  readonly history: Pick<History, 'events' | 'cursor' | 'keepCursor' | 'newest' | 'onEvents'>;
  /** The store keeps the position of this reader under this name. */
  readonly reader: string;
  /** Only the events of this account; absent: all. */
  readonly account?: AccountId;
  /** Only events of these types; absent: all types. */
  readonly types?: readonly EventType[];
  /** Where a reader without a stored position starts. */
  readonly startsAt: 'oldest' | 'newest';
  /**
   * Handles events, the oldest first. Resolves with the last event that is done, or undefined if none is. Later events are
   * passed again. After a throw or a crash all of them are passed again.
   */
  readonly handle: (events: readonly Event[], signal: AbortSignal) => Promise<Event | undefined>;
  readonly onError: (error: unknown) => void;
  /** Returns true if this node is the one that reads: only one of several nodes does. Absent: this node reads. */
  readonly isActive?: () => boolean;
  /** The least time between two reads, unless more events are waiting. */
  readonly pauseMs: number;
}

/** A reader of the event log that runs until it is stopped. */
export interface Follower {
  /** Aborts the handler and waits until it has ended. */
  stop(): Promise<void>;
}

const AFTER_ERROR_MS = 5_000;
/** A node that does not read checks after this time whether it should. */
const INACTIVE_MS = 1_000;
/** The longest time between two reads: a notification may have been lost. */
const LONGEST_MS = 60_000;
const LIMIT = 500;
/** A fixed abort reason. A new DOMException for each of many thousand events is slow. */
const NEW_EVENTS = 'new events';
/** The position that the store returns for a reader that it does not know. */
const UNKNOWN_READER = '0';

/** Reads the event log and waits for new events. Across restarts, each event is handled at least once and in order. */
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
  const { history, onError, pauseMs, isActive = () => true } = options;
  while (!signal.aborted) {
    if (!isActive()) {
      await pause(INACTIVE_MS, signal);
      continue;
    }
    const newEvents = new AbortController();
    const readAt = performance.now();
    // Listen before reading: otherwise an event between the two would be missed.
    const stopListening = history.onEvents(() => newEvents.abort(NEW_EVENTS));
    try {
      if (await readNext(options, signal)) continue;
      await pause(LONGEST_MS, AbortSignal.any([signal, newEvents.signal]));
      await pause(readAt + pauseMs - performance.now(), signal);
    } catch (error) {
      onError(error);
      await pause(AFTER_ERROR_MS, signal);
    } finally {
      stopListening();
    }
  }
}

/** Handles the next events. Returns false if there were none. */
async function readNext(
  { history, reader, account, types, startsAt, handle }: FollowOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const after = await position(history, reader, startsAt);
  // A reader of some types also skips the events of other types that existed before this read.
  const newest = types === undefined ? after : await history.newest();
  const events = await history.events({
    ...{ after, limit: LIMIT },
    ...(account !== undefined && { account }),
    ...(types && { types }),
  });
  const last = events.length === 0 ? undefined : await handle(events, signal);
  const hasReadAll = events.length < LIMIT && last === events.at(-1);
  const passed = hasReadAll && BigInt(newest) > BigInt(last?.seq ?? after) ? newest : last?.seq;
  if (passed !== undefined) await keepPosition(history, reader, passed);
  return events.length > 0;
}

/** The seq of the event that was handled last. */
async function position(
  history: FollowOptions['history'],
  reader: string,
  startsAt: FollowOptions['startsAt'],
): Promise<string> {
  const stored = await history.cursor(reader);
  if (stored !== UNKNOWN_READER) return String(BigInt(stored) - 1n);
  const start = startsAt === 'oldest' ? '0' : await history.newest();
  await keepPosition(history, reader, start);
  return start;
}

/** Stores `seq + 1`: a reader that has handled no event must differ from an unknown reader, which has position 0. */
function keepPosition(history: FollowOptions['history'], reader: string, seq: string): Promise<void> {
  return history.keepCursor(reader, String(BigInt(seq) + 1n));
}

/** Deletes the position of a reader. A later reader with the same name starts at its `startsAt`. */
export async function deleteReaderPosition(
  history: Pick<History, 'cursor' | 'keepCursor'>,
  reader: string,
): Promise<void> {
  if ((await history.cursor(reader)) !== UNKNOWN_READER) await history.keepCursor(reader, UNKNOWN_READER);
}
