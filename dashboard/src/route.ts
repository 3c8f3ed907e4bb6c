import { useSyncExternalStore } from 'react';
import { type QueryValues, withQuery } from './data/api.ts';

/** Where the viewer is: `#/messages/38f?tab=raw` is ['messages', '38f'] with a query. */
export interface Location {
  readonly path: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}

// Paths like /messages are APIs of the gate, so pages are behind the hash.

/** Where the viewer is, kept up to date. */
export function useLocation(): Location {
  return parseHash(useSyncExternalStore(subscribe, () => location.hash));
}

/** The path of where the viewer is now. */
export function currentPath(): readonly string[] {
  return parseHash(location.hash).path;
}

/** The address of a page, for links. */
export function to(path: string, query: QueryValues = {}): string {
  return `#/${withQuery(path, query)}`;
}

/** Goes to a page; `replace` keeps it out of the history. */
export function go(path: string, query: QueryValues = {}, how: 'push' | 'replace' = 'push'): void {
  const address = to(path, query);
  if (how === 'push') location.hash = address;
  else location.replace(address);
}

function subscribe(onChange: () => void): () => void {
  addEventListener('hashchange', onChange);
  return () => removeEventListener('hashchange', onChange);
}

/** What a hash says. */
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
