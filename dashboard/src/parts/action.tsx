import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ApiError, call } from '../data/api.ts';
import { SESSION } from '../data/session.ts';

export interface Call {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
}

/** What never changes is not fetched again: the content of a message may even be gone by then. */
const FROZEN: readonly string[] = ['parts', 'raw', 'presets'];

/** Makes a change at the gate; what is shown is fetched again afterwards. */
export function useCall<T = unknown>(onDone?: (answer: T) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ method, path, body }: Call) => call<T>(method, path, body),
    onSuccess: async answer => {
      onDone?.(answer);
      await client.invalidateQueries({ predicate: ({ queryKey }) => !FROZEN.includes(String(queryKey[0])) });
    },
    onError: async error => {
      if (!(error instanceof ApiError) || error.code !== 'unauthenticated') return;
      await client.invalidateQueries({ queryKey: SESSION });
    },
  });
}

/** What is wrong with a field, by the words of a refusal. */
export function problemOf(error: Error | null, field: string): string | undefined {
  if (!(error instanceof ApiError)) return undefined;
  return error.problems.find(problem => problem.field === field)?.message;
}
