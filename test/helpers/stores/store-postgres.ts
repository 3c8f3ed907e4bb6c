import { randomUUID } from 'node:crypto';
import { openPostgresStore } from '../../../src/store/postgres/postgres-store.ts';
import type { PostgresDatabases } from './postgres-databases.ts';
import type { StoreHarness } from './store-rig.ts';

export interface PostgresHarness extends StoreHarness {
  readonly database: string;
}

const PARAMETERS = 'pool=6';

/** Makes the leases of all gates end, as time will; for when none is alive. */
export async function endLeases(server: PostgresDatabases, database: string): Promise<void> {
  await server.query(database, 'update nodes set valid_until = clock_timestamp()');
}

/** A store in a database of its own, which the first to open it brings to this version; its name begins with `prefix`. */
export async function createPostgresHarness(
  server: PostgresDatabases,
  parameters = PARAMETERS,
  prefix = 'p',
): Promise<PostgresHarness> {
  const name = `${prefix}_${randomUUID().replaceAll('-', '')}`;
  await server.createDatabase(name);
  return harnessOf(server, name, parameters, () => server.dropDatabase(name));
}

/** Makes stores in databases that are emptied and used again: much sooner done than making new ones. */
export function reusingHarnesses(
  server: () => PostgresDatabases,
  parameters = PARAMETERS,
  prefix?: string,
): () => Promise<PostgresHarness> {
  const free: string[] = [];
  return async () => {
    const name = free.pop() ?? (await createPostgresHarness(server(), parameters, prefix)).database;
    return harnessOf(server(), name, parameters, async () => {
      await server().query(name, EMPTY);
      free.push(name);
    });
  };
}

function harnessOf(
  server: PostgresDatabases,
  name: string,
  parameters: string,
  remove: () => Promise<void>,
): PostgresHarness {
  return {
    database: name,
    open: options =>
      openPostgresStore({ url: `${server.url(name)}?${parameters}`, leaseClock: options.now, ...options }),
    async restartMachine() {
      await server.query(name, 'truncate wire, wire_journals');
    },
    remove,
  };
}

/** Makes of a database that was used one that nobody has used: no rows, ids from 1, the partitions of the first days. */
const EMPTY = `do $$
declare
  used text;
begin
  for used in select oid::regclass from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r' and substring(relname from '_([0-9]+)$')::integer >
      3 + (select min(substring(relname from '^messages_([0-9]+)$')::integer) from pg_class where relkind = 'r')
  loop
    execute 'drop table ' || used;
  end loop;
  for used in select oid::regclass from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
    and pg_relation_size(oid) > 0 and relname not in ('migrations', 'marks')
  loop
    execute 'delete from ' || used;
  end loop;
  perform setval(oid, 1, false) from pg_class where relnamespace = 'public'::regnamespace and relkind = 'S';
  delete from marks where name not in ('xid offset', 'indexed seq');
  update marks set value = 0;
end $$`;
