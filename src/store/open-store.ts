import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { AppError } from '../core/errors.ts';
import { openSqliteStore, type SqliteOptions } from './sqlite/sqlite-store.ts';
import type { Store } from './store.ts';

/** Opens the store that a specification names: `sqlite:PATH`, whose folder is made when it is not there, or `postgres://…`. */
export async function openStore(specification: string, options: Omit<SqliteOptions, 'path'>): Promise<Store> {
  const [engine, rest] = splitAtColon(specification);
  if (engine === 'sqlite' && rest !== '') {
    const path = resolve(rest);
    mkdirSync(dirname(path), { recursive: true });
    return openSqliteStore({ ...options, path });
  }
  if (engine === 'postgres' || engine === 'postgresql') {
    // Loaded by those who use it alone.
    const { openPostgresStore } = await import('./postgres/postgres-store.ts');
    return openPostgresStore({ ...options, url: specification });
  }
  throw new AppError(
    'invalid',
    `Unknown store '${engine}:…'. This version knows sqlite:PATH and postgres://….`,
    {
      field: 'store',
    },
  );
}

function splitAtColon(text: string): [string, string] {
  const colon = text.indexOf(':');
  return colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
}
