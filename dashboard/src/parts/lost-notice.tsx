import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useSyncExternalStore } from 'react';
import { ApiError } from '../data/api.ts';

/** Says that the gate does not answer any more, so that nobody takes what is still shown for what is. */
export function LostNotice() {
  if (!useIsLost()) return null;
  return (
    <p className="lost" role="status">
      <strong>The gate does not answer.</strong> What is shown may be old; it is asked again and again.
    </p>
  );
}

/** Whether something on this page was fetched once, and could not be fetched again. */
function useIsLost(): boolean {
  const cache = useQueryClient().getQueryCache();
  const subscribe = useCallback((onChange: () => void) => cache.subscribe(onChange), [cache]);
  const look = () =>
    cache
      .getAll()
      .some(
        query =>
          query.isActive() &&
          query.state.data !== undefined &&
          query.state.error !== null &&
          !(query.state.error instanceof ApiError),
      );
  return useSyncExternalStore(subscribe, look);
}
