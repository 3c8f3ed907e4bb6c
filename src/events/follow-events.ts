import type { Event, EventType } from '../core/event.ts';
import type { AccountId } from '../core/message.ts';
import type { History } from '../store/store.ts';
import { pause } from './pause.ts';

export interface FollowOptions {
  readonly history: Pick<History, 'events' | 'cursor' | 'keepCursor' | 'newest' | 'onEvents'>;
  /** Under which name the store keeps how far this reader has come. */
  readonly reader: string;
  /** Only the events of this account; absent: all. */
  readonly account?: AccountId;
  /** Only events of these types; absent: of all. */
  readonly types?: readonly EventType[];
  /** Where a reader begins that the store does not know. */
  readonly begins: 'oldest' | 'newest';
  /**
   * Handles events, the oldest first; resolves with the last one that it is done with, undefined when with none. What comes
   * after that, and all of it after a throw or a crash, comes again.
   */
  readonly handle: (events: readonly Event[], signal: AbortSignal) => Promise<Event | undefined>;
  readonly onError: (error: unknown) => void;
  /** Whether it is this node that reads: of several one alone is to. Absent: it is. */
  readonly isOurs?: () => boolean;
  /** Looks are this far apart at least, unless there is much to read. */
  readonly pauseMs: number;
}

/** Something that reads on until it is stopped. */
export interface Follower {
  /** Aborts what is being handled, and waits for it. */
  stop(): Promise<void>;
}

const AFTER_ERROR_MS = 5_000;
/** Who does not read looks again so soon whether it is to. */
const OTHERS_MS = 1_000;
/** Without news it looks all the same, should any have been missed. */
const LONGEST_MS = 60_000;
const LIMIT = 500;
/** A reason of our own: making one for each of many thousand events costs. */
const NEWS = 'there is news';
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
  const { history, onError, pauseMs, isOurs = () => true } = options;
  while (!signal.aborted) {
    if (!isOurs()) {
      await pause(OTHERS_MS, signal);
      continue;
    }
    const news = new AbortController();
    const lookedAt = performance.now();
    // Listening starts before the look, so that no event falls between the two.
    const stopListening = history.onEvents(() => news.abort(NEWS));
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
  { history, reader, account, types, begins, handle }: FollowOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const after = await position(history, reader, begins);
  // Of what is of other types is passed over what was there before the look.
  const newest = types === undefined ? after : await history.newest();
  const events = await history.events({
    ...{ after, limit: LIMIT },
    ...(account !== undefined && { account }),
    ...(types && { types }),
  });
  const last = events.length === 0 ? undefined : await handle(events, signal);
  const isThrough = events.length < LIMIT && last === events.at(-1);
  const passed = isThrough && BigInt(newest) > BigInt(last?.seq ?? after) ? newest : last?.seq;
  if (passed !== undefined) await keepPosition(history, reader, passed);
  return events.length > 0;
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
