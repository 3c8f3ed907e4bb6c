import type { Store } from '../store/store.ts';

/** The pause after the index has read all events. */
const IDLE_MS = 2_000;
/** The pause between slices while events are left. */
const BUSY_MS = 20;

/** Feeds one slice of events to the search index, so that mail does not wait for it. Returns the pause before the next run, in ms. */
export async function feedSearchIndex(store: Store): Promise<number> {
  return (await store.index()) === 0 ? IDLE_MS : BUSY_MS;
}
