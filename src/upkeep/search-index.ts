import type { Store } from '../store/store.ts';

/** How long to wait when the index has read everything, and between slices while it has not. */
const IDLE_MS = 2_000;
const BUSY_MS = 20;

/** Feeds the search index, a slice at a time so that mail goes before it; returns how long to wait for the next run. */
export async function feedSearchIndex(store: Store): Promise<number> {
  return (await store.index()) === 0 ? IDLE_MS : BUSY_MS;
}
