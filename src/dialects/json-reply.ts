import type { DialectReply } from './dialect.ts';

const HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

/** A reply with a JSON body, which must not be cached or sniffed. */
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
