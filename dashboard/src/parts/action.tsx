import { useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '../data/api.ts';

export interface Call {
  readonly method: 'POST' | 'PATCH' | 'DELETE';
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
  });
}
