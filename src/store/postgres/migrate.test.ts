import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type PostgresServer, startPostgres } from '../../../test/helpers/stores/postgres-server.ts';
import { readMigrations } from '../migrations.ts';
import { openDatabase } from './database.ts';
import { KNOWN, migrate } from './migrate.ts';
import { join as joinNodes, leave } from './nodes.ts';

const OURS = readMigrations(new URL('../postgres-migrations/', import.meta.url));
const NEXT = String(KNOWN + 1).padStart(3, '0');

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

/** A database of this version, and a program that knows one step more. */
async function setUp(name: string, step: string) {
  await server.createDatabase(name);
  const folder = mkdtempSync(join(tmpdir(), 'postern-migrate-'));
  for (const { name, sql } of OURS) writeFileSync(join(folder, `${name}.sql`), sql);
  writeFileSync(join(folder, `${NEXT}-later.sql`), step);
  const db = openDatabase({ url: server.url(name), maxConnections: 6 });
  onTestFinished(async () => {
    await db.close();
    rmSync(folder, { recursive: true });
  });
  await migrate(db, 0);
  const newer = pathToFileURL(`${folder}/`);
  return {
    db,
    migrateOlder: () => migrate(db, 0),
    migrateNewer: () => migrate(db, 0, newer),
    join: () => joinNodes(db, undefined, { leaseMs: 15_000, host: 'here', pid: 7 }),
  };
}

describe('a migration that only adds', () => {
  const step = `-- works with ${KNOWN}\nalter table messages add column colour text;`;

  test('is made beside older nodes, which go on and can be started again', async () => {
    const { db, join, migrateOlder, migrateNewer } = await setUp('adds', step);
    const { lease } = await join();
    expect(await migrateNewer()).toEqual([`${NEXT}-later`]);
    expect(await migrateNewer()).toEqual([]);
    expect(await migrateOlder()).toEqual([]);
    expect((await join()).lease).toBeGreaterThan(lease);
    expect(await db.rows('select colour from messages')).toEqual([]);
  });
});

describe('a migration that changes what older programs use', () => {
  const step = 'alter table messages rename column subject to title;';

  test('is refused while an older node runs, and made once none does', async () => {
    const { db, join, migrateNewer } = await setUp('changes', step);
    const { lease } = await join();
    await expect(migrateNewer()).rejects.toThrow(
      `Migration ${NEXT}-later does not work with older gates, and one is running (process 7 on here).`,
    );
    expect(await db.rows('select subject from messages')).toEqual([]);
    await leave(db, lease);
    expect(await migrateNewer()).toEqual([`${NEXT}-later`]);
  });

  test('keeps older programs from starting, also those that looked before it was made', async () => {
    const { join, migrateOlder, migrateNewer } = await setUp('closes', step);
    await migrateNewer();
    await expect(migrateOlder()).rejects.toThrow(`newer than this program: it has migration ${NEXT}-later`);
    await expect(join()).rejects.toThrow(`it has migration ${NEXT}-later`);
  });
});
