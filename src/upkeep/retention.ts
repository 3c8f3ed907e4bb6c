import type { Retention, Store } from '../store/store.ts';

const EVERY_MS = 60_000;

/** Deletes what is no longer kept; returns how long to wait for the next run. */
export async function applyRetention(store: Store, retention: Retention, now: number): Promise<number> {
  await store.purge(retention, now);
  return EVERY_MS;
}
