import { setTimeout as delay } from 'node:timers/promises';
import type { Event } from '../../core/event.ts';
import type { AccountId } from '../../core/message.ts';
import type { History } from '../../store/store.ts';

/** On a busy gate there is news all the time, most of it about other accounts: looks are this far apart at least. */
const PAUSE_MS = 20;

export interface EventsWait {
  /** The cursor of the answer before; `0` for the oldest event that is kept. */
  readonly after: string;
  readonly limit: number;
  /** How long to wait when there is no event yet. */
  readonly waitMs: number;
  /** Undefined: all accounts. */
  readonly account: AccountId | undefined;
}

/** Events after a cursor; when there are none yet, waits for the first, for `waitMs`, or until the signal. */
export async function waitForEvents(
  history: Pick<History, 'events' | 'onEvents'>,
  { account, waitMs, ...page }: EventsWait,
  signal: AbortSignal,
): Promise<{ events: readonly Event[]; cursor: string }> {
  const request = account === undefined ? page : { ...page, account };
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(waitMs)]);
  for (;;) {
    // Listening starts before the look, so that no event falls between the two.
    const news = listen(history, deadline);
    const events = await history.events(request);
    const last = events.at(-1);
    if (last !== undefined || waitMs === 0 || deadline.aborted) {
      news.stop();
      return { events, cursor: last?.seq ?? page.after };
    }
    await news.came;
    await delay(PAUSE_MS);
  }
}

/** `came` resolves at the next news, or when the signal says so. */
function listen(
  history: Pick<History, 'onEvents'>,
  signal: AbortSignal,
): { readonly came: Promise<void>; stop(): void } {
  const { promise: came, resolve } = Promise.withResolvers<void>();
  const stopListening = history.onEvents(stop);
  signal.addEventListener('abort', stop, { once: true });

  function stop(): void {
    stopListening();
    signal.removeEventListener('abort', stop);
    resolve();
  }

  if (signal.aborted) stop();
  return { came, stop };
}
