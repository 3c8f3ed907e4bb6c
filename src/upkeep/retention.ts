import type { Retention, Store } from '../store/store.ts';

const EVERY_MS = 60_000;

/** Deletes what is older than the retention times. Returns the pause before the next run, in ms. */
export async function applyRetention(store: Store, retention: Retention, now: number): Promise<number> {
  await store.purge(retention, now);
  return EVERY_MS;
}
