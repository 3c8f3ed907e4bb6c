import { useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '../data/api.ts';

export interface Call {
  readonly method: 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
}

/** Makes a change at the gate; what is shown is fetched again afterwards. */
export function useCall<T = unknown>(onDone?: (answer: T) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ method, path, body }: Call) => call<T>(method, path, body),
    onSuccess: async answer => {
      onDone?.(answer);
      await client.invalidateQueries();
    },
  });
}
