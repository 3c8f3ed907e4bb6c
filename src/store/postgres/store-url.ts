import { AppError } from '../../core/errors.ts';
import type { DatabaseOptions } from './database.ts';

/** What a store's URL says of the database and of how we use it. */
export interface StoreUrl extends DatabaseOptions {
  /** False: nothing is heard from other nodes, they are looked after every half second. */
  readonly listens: boolean;
}

/** Connections when the URL does not say. */
const CONNECTIONS = 8;
const MAX_CONNECTIONS = 100;

/** Reads `postgres://…`; our own parameters `pool` and `listen` do not go on to the server. */
export function parseStoreUrl(text: string): StoreUrl {
  const url = new URL(text);
  const pool = url.searchParams.get('pool');
  const listen = url.searchParams.get('listen');
  url.searchParams.delete('pool');
  url.searchParams.delete('listen');
  const maxConnections = pool === null ? CONNECTIONS : Number(pool);
  // Two take mail in, two write results, one journals, one is left to look.
  if (!Number.isInteger(maxConnections) || maxConnections < 6 || maxConnections > MAX_CONNECTIONS)
    throw invalid(`pool must be a number from 6 to ${MAX_CONNECTIONS}, found '${pool}'`);
  if (listen !== null && listen !== 'on' && listen !== 'off')
    throw invalid(`listen must be on or off, found '${listen}'`);
  return { url: url.href, maxConnections, listens: listen !== 'off' };
}

function invalid(what: string): AppError {
  return new AppError('invalid', `The PostgreSQL URL is wrong: ${what}.`, { field: 'store' });
}
