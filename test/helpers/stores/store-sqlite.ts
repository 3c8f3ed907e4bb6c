import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openStore } from '../../../src/store/open-store.ts';
import type { StoreHarness } from './store-rig.ts';

export interface SqliteHarness extends StoreHarness {
  readonly folder: string;
  readonly path: string;
}

/** A SQLite store in a folder of its own. */
export async function createSqliteHarness(): Promise<SqliteHarness> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-store-'));
  const path = join(folder, 'store.sqlite');
  return {
    folder,
    path,
    open: options => openStore(`sqlite:${path}`, { minFreeBytes: 0, ...options }),
    async restartMachine() {
      const db = new Database(path);
      db.exec(`update nodes set boot_id = 'another boot'`);
      db.close();
    },
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  };
}
