import { useSyncExternalStore } from 'react';
import { type QueryValues, withQuery } from './data/api.ts';

/** The current page: `#/messages/38f?tab=raw` has the path ['messages', '38f'] and a query. */
export interface Location {
  readonly path: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}

// Pages are in the hash of the URL, because paths like /messages belong to the APIs of the gate.

/** The current location; the component renders again when it changes. */
export function useLocation(): Location {
  return parseHash(useSyncExternalStore(subscribe, () => location.hash));
}

/** The path of the current page. */
export function currentPath(): readonly string[] {
  return parseHash(location.hash).path;
}

/** The URL of a page, for links. */
export function to(path: string, query: QueryValues = {}): string {
  return `#/${withQuery(path, query)}`;
}

/** Opens a page; `replace` adds no entry to the browser's history. */
export function go(path: string, query: QueryValues = {}, how: 'push' | 'replace' = 'push'): void {
  const address = to(path, query);
  if (how === 'push') location.hash = address;
  else location.replace(address);
}

function subscribe(onChange: () => void): () => void {
  addEventListener('hashchange', onChange);
  return () => removeEventListener('hashchange', onChange);
}

/** Splits the hash of a URL into path and query. */
export function parseHash(hash: string): Location {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split(/\?(.*)/s);
  return {
    path: path
      .split('/')
      .filter(part => part !== '')
      .map(decode),
    query: Object.fromEntries(new URLSearchParams(query)),
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
