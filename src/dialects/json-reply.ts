import type { DialectReply } from './dialect.ts';

const HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

/** A value as the JSON body of a reply, not to be cached or guessed at. */
export function json(
  status: number,
  value: unknown,
  headers?: Readonly<Record<string, string>>,
): DialectReply {
  return {
    status,
    headers: headers === undefined ? HEADERS : { ...HEADERS, ...headers },
    body: JSON.stringify(value),
  };
}
