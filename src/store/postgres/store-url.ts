import { accessSync, constants } from 'node:fs';
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
const TLS_MODES: readonly string[] = ['disable', 'require', 'verify-ca', 'verify-full'];
const TLS_FILES = ['sslrootcert', 'sslcert', 'sslkey'];

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
  checkTls(url.searchParams);
  return { url: url.href, maxConnections, listens: listen !== 'off' };
}

/** TLS as PostgreSQL's own clients have it, but for the modes that fall back to clear text when TLS does not work. */
function checkTls(parameters: URLSearchParams): void {
  const mode = parameters.get('sslmode');
  if (mode !== null && !TLS_MODES.includes(mode))
    throw invalid(`sslmode must be one of ${TLS_MODES.join(', ')}, found '${mode}'`);
  for (const name of TLS_FILES) {
    const file = parameters.get(name);
    if (file === null) continue;
    if (mode === null || mode === 'disable') throw invalid(`${name} needs sslmode=verify-full`);
    if (!isReadable(file)) throw invalid(`the file of ${name}, ${file}, cannot be read`);
  }
  if (mode === 'verify-ca' && !parameters.has('sslrootcert'))
    throw invalid('sslmode=verify-ca needs sslrootcert, the file of the authority');
  // The meaning that the modes have in PostgreSQL's documentation.
  if (mode !== null) parameters.set('uselibpqcompat', 'true');
}

function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

function invalid(what: string): AppError {
  return new AppError('invalid', `The PostgreSQL URL is wrong: ${what}.`, { field: 'store' });
}
