import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ApiError, call } from '../data/api.ts';
import { SESSION } from '../data/session.ts';

export interface Call {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
}

/** Queries whose result never changes. They are not fetched again: retention may have deleted the content meanwhile. */
const IMMUTABLE: readonly string[] = ['parts', 'raw', 'presets'];

/** Sends a change to the gate; then fetches again everything that the page shows. */
export function useCall<T = unknown>(onDone?: (answer: T) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ method, path, body }: Call) => call<T>(method, path, body),
    onSuccess: async answer => {
      onDone?.(answer);
      await client.invalidateQueries({
        predicate: ({ queryKey }) => !IMMUTABLE.includes(String(queryKey[0])),
      });
    },
    onError: async error => {
      if (!(error instanceof ApiError) || error.code !== 'unauthenticated') return;
      await client.invalidateQueries({ queryKey: SESSION });
    },
  });
}

/** The gate's error message about one field. */
export function problemOf(error: Error | null, field: string): string | undefined {
  if (!(error instanceof ApiError)) return undefined;
  return error.problems.find(problem => problem.field === field)?.message;
}
