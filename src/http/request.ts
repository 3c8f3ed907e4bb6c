import type { IncomingMessage } from 'node:http';
import type { DialectRequest } from '../dialects/dialect.ts';

const NO_BODY = Buffer.alloc(0);

/** Creates the request of a dialect's route. Path and query are parsed on first use, because most routes do not need them. */
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
    // Only set-cookie can be an array, and requests do not use it.
    headers: raw.headers as Readonly<Record<string, string | undefined>>,
    at,
    body,
  };
}

/** Returns the decoded path of a request target, without its query: that can contain credentials. */
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
