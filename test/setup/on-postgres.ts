import { randomBytes } from 'node:crypto';
import { afterAll, inject } from 'vitest';
import { postgresVariable } from '../helpers/gates/engine.ts';
import { databasesAt } from '../helpers/stores/postgres-databases.ts';

// Before each test file of the project: what it starts keeps its mail in the PostgreSQL of this worker. After it: nothing of
// that is left there.

const servers = inject('postgres');
/** Workers count from 1. */
const server = servers[(Number(process.env['VITEST_POOL_ID']) - 1) % servers.length] ?? '';
const prefix = `file${randomBytes(4).toString('hex')}`;
process.env[postgresVariable] = `${server}/${prefix}`;

afterAll(async () => {
  const databases = databasesAt(server);
  const made = await databases.query<{ name: string }>(
    'postgres',
    `select datname as name from pg_database where starts_with(datname, '${prefix}_')`,
  );
  for (const { name } of made) await databases.dropDatabase(name);
});
