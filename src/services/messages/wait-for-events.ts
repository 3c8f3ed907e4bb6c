import { setTimeout as delay } from 'node:timers/promises';
import type { Event } from '../../core/event.ts';
import type { AccountId } from '../../core/message.ts';
import type { History } from '../../store/store.ts';

/** The least time between two reads. On a busy gate new events never stop, and most belong to other accounts. */
const PAUSE_MS = 20;

export interface EventsWait {
  /** The cursor of the previous result; `0` starts with the oldest event. */
  readonly after: string;
  readonly limit: number;
  /** How long to wait if there is no event yet. */
  readonly waitMs: number;
  /** Undefined: all accounts. */
  readonly account: AccountId | undefined;
}

/** Returns events after a cursor. Without any, it waits for the first one until `waitMs` is over or the signal aborts. */
export async function waitForEvents(
  history: Pick<History, 'events' | 'onEvents'>,
  { account, waitMs, ...page }: EventsWait,
  signal: AbortSignal,
): Promise<{ events: readonly Event[]; cursor: string }> {
  const request = account === undefined ? page : { ...page, account };
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(waitMs)]);
  for (;;) {
    // Listen before reading: otherwise an event between the two would be missed.
    const nextEvent = listen(history, deadline);
    const events = await history.events(request);
    const last = events.at(-1);
    if (last !== undefined || waitMs === 0 || deadline.aborted) {
      nextEvent.stop();
      return { events, cursor: last?.seq ?? page.after };
    }
    await nextEvent.arrived;
    await delay(PAUSE_MS);
  }
}

/** `arrived` resolves at the next event of any account, or when the signal aborts. */
function listen(
  history: Pick<History, 'onEvents'>,
  signal: AbortSignal,
): { readonly arrived: Promise<void>; stop(): void } {
  const { promise: arrived, resolve } = Promise.withResolvers<void>();
  const stopListening = history.onEvents(stop);
  signal.addEventListener('abort', stop, { once: true });

  function stop(): void {
    stopListening();
    signal.removeEventListener('abort', stop);
    resolve();
  }

  if (signal.aborted) stop();
  return { arrived, stop };
}
