import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useSyncExternalStore } from 'react';
import { ApiError } from '../data/api.ts';

/** Warns that the gate does not respond, so that nobody takes old data for current data. */
export function LostNotice() {
  if (!useIsLost()) return null;
  return (
    <p className="lost" role="status">
      <strong>The gate does not respond.</strong> This page may be out of date. Trying to reconnect…
    </p>
  );
}

/** Returns true if this page shows data that could not be refreshed. */
function useIsLost(): boolean {
  const cache = useQueryClient().getQueryCache();
  const subscribe = useCallback((onChange: () => void) => cache.subscribe(onChange), [cache]);
  const isLost = () =>
    cache
      .getAll()
      .some(
        query =>
          query.isActive() &&
          query.state.data !== undefined &&
          query.state.error !== null &&
          !(query.state.error instanceof ApiError),
      );
  return useSyncExternalStore(subscribe, isLost);
}
