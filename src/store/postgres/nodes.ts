import type { Incarnation, LeaseId, Place } from '../store.ts';
import type { Database, Sql } from './database.ts';
import { assertKnown, KNOWN } from './migrate.ts';

/**
 * Epoch ms by which leases are judged; undefined: the server's own clock, the only one that all nodes share. Another is
 * for tests, which move it.
 */
export type LeaseClock = (() => number) | undefined;

const NODE_NUMBERS = 256;
/** Of the advisory lock under which node numbers are given. */
const LOCK = 0x6e6f_6465;
const SERVER_START = 'pg_postmaster_start_time()';
/** The first parameter is the clock of tests. */
const NOW = `coalesce(to_timestamp($1::double precision / 1000), clock_timestamp())`;

/** Starts an incarnation, with a number that no living one has, and its wire journal. */
export function join(
  db: Database,
  clock: LeaseClock,
  { leaseMs, host, pid }: { leaseMs: number; host: string; pid: number },
): Promise<Incarnation> {
  return db.transaction(async sql => {
    await sql.rows('select pg_advisory_xact_lock($1)', [LOCK]);
    const taken = await sql.rows<{ node: number }>('select node from nodes');
    const [row] = await sql.rows<{ lease: bigint }>(
      `insert into nodes (node, host, pid, knows, joined_at, valid_until)
        values (0, $2, $3, $4, ${NOW}, ${NOW} + $5 * interval '1 ms') returning lease`,
      [clock?.() ?? null, host, pid, KNOWN, leaseMs],
    );
    await assertKnown(sql);
    const lease = Number(row?.lease ?? 0);
    const node = freeNumber(lease, new Set(taken.map(other => other.node)));
    await sql.change('update nodes set node = $1 where lease = $2', [node, lease]);
    await sql.change(`insert into wire_journals (lease, server_start) values ($1, ${SERVER_START})`, [lease]);
    return { lease, node };
  });
}

/** A new number for each incarnation keeps ids apart even when a clock was set back between two of them. */
function freeNumber(lease: LeaseId, taken: ReadonlySet<number>): number {
  for (let step = 0; step < NODE_NUMBERS; step++) {
    const node = (lease + step) % NODE_NUMBERS;
    if (!taken.has(node)) return node;
  }
  throw new Error(`There are ${NODE_NUMBERS} nodes already.`);
}

/** False when the lease was declared dead. One that has run out and that nobody has looked at since is still its owner's. */
export async function renew(sql: Sql, clock: LeaseClock, lease: LeaseId, leaseMs: number): Promise<boolean> {
  const changed = await sql.change(
    `update nodes set valid_until = ${NOW} + $3 * interval '1 ms'
      where lease = $2 and not has_left`,
    [clock?.() ?? null, lease, leaseMs],
  );
  return changed === 1;
}

/**
 * Those whose lease has run out, ended for good by this very look; those that have left and yet hold messages; and
 * leases that hold messages although nobody has them any more.
 */
export function dead(db: Database, clock: LeaseClock, ours: LeaseId): Promise<readonly LeaseId[]> {
  return db.transaction(async sql => {
    await sql.change(`update nodes set has_left = true where lease <> $2 and valid_until <= ${NOW}`, [
      ...[clock?.() ?? null, ours],
    ]);
    const rows = await sql.rows<{ lease: bigint }>(
      `select lease from (select lease from nodes where has_left
          union select lease from queue where lease is not null and lease not in (select lease from nodes)) as l
        where lease <> $1 order by lease`,
      [ours],
    );
    return rows.map(({ lease }) => Number(lease));
  });
}

export async function place(sql: Sql, clock: LeaseClock, lease: LeaseId): Promise<Place> {
  const [row] = await sql.rows<{ place: number; of: number }>(
    `select count(*) filter (where lease < $2)::integer as place, count(*)::integer as of from nodes
      where lease = $2 or (not has_left and valid_until > ${NOW})`,
    [clock?.() ?? null, lease],
  );
  return row ?? { place: 0, of: 1 };
}

/** Forgets an incarnation that holds nothing, with its wire journal; another stays, to be found dead. */
export function leave(db: Database, lease: LeaseId): Promise<void> {
  return db.transaction(async sql => {
    await sql.change('update nodes set has_left = true where lease = $1', [lease]);
    const gone = await sql.change(
      'delete from nodes where lease = $1 and not exists (select 1 from queue q where q.lease = $1)',
      [lease],
    );
    if (gone === 0) return;
    await sql.change('delete from wire where lease = $1', [lease]);
    await sql.change('delete from wire_journals where lease = $1', [lease]);
  });
}

/** Whether the wire journal of an incarnation is still whole: the server was neither restarted nor has it crashed since. */
export async function hasJournal(sql: Sql, lease: LeaseId): Promise<boolean> {
  const rows = await sql.rows(
    `select 1 from wire_journals where lease = $1 and server_start = ${SERVER_START}`,
    [lease],
  );
  return rows.length === 1;
}
