import type { IncomingMessage } from 'node:http';
import type { DialectRequest } from '../dialects/dialect.ts';

const NO_BODY = Buffer.alloc(0);

/** The request of a dialect's route: path and query are worked out when asked for, most routes never do. */
export function toDialectRequest(
  raw: IncomingMessage,
  params: Readonly<Record<string, string>>,
  at: number,
  body = NO_BODY,
): DialectRequest {
  return {
    method: raw.method ?? '',
    get path() {
      return pathOf(raw.url ?? '');
    },
    params,
    get query() {
      const url = raw.url ?? '';
      const start = url.indexOf('?');
      return new URLSearchParams(start < 0 ? '' : url.slice(start + 1));
    },
    // Only set-cookie is ever a list, and no request has one that matters.
    headers: raw.headers as Readonly<Record<string, string | undefined>>,
    at,
    body,
  };
}

/** The path of a request target without its query, which may hold credentials; decoded where that gives text. */
export function pathOf(url: string): string {
  const start = url.indexOf('?');
  const path = start < 0 ? url : url.slice(0, start);
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
