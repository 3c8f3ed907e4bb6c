import type { Incarnation, LeaseId } from '../store.ts';
import type { Database, Sql } from './database.ts';

const NODE_NUMBERS = 256;
/** Of the advisory lock under which node numbers are given. */
const LOCK = 0x6e6f_6465;
const SERVER_START = 'pg_postmaster_start_time()';

/** Starts an incarnation, with a number that no living one has. Leases are judged by the server's clock alone. */
export function join(
  db: Database,
  { leaseMs, host, pid }: { leaseMs: number; host: string; pid: number },
): Promise<Incarnation> {
  return db.transaction(async sql => {
    await sql.rows('select pg_advisory_xact_lock($1)', [LOCK]);
    const taken = await sql.rows<{ node: number }>('select node from nodes');
    const [row] = await sql.rows<{ lease: bigint }>(
      `insert into nodes (node, host, pid, joined_at, valid_until, server_start)
        values (0, $1, $2, clock_timestamp(), clock_timestamp() + $3 * interval '1 ms', ${SERVER_START})
        returning lease`,
      [host, pid, leaseMs],
    );
    const lease = Number(row?.lease ?? 0);
    const node = freeNumber(lease, new Set(taken.map(other => other.node)));
    await sql.change('update nodes set node = $1 where lease = $2', [node, lease]);
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

/** False when the lease was declared dead, or has run out on the server's clock. */
export async function renew(sql: Sql, lease: LeaseId, leaseMs: number): Promise<boolean> {
  const changed = await sql.change(
    `update nodes set valid_until = clock_timestamp() + $2 * interval '1 ms'
      where lease = $1 and not has_left and valid_until > clock_timestamp()`,
    [lease, leaseMs],
  );
  return changed === 1;
}

/** Those whose lease has run out, ended for good by this very look; and those that have left and yet hold messages. */
export async function dead(sql: Sql, ours: LeaseId): Promise<readonly LeaseId[]> {
  const rows = await sql.rows<{ lease: bigint }>(
    `update nodes set has_left = true
      where lease <> $1 and (has_left or valid_until <= clock_timestamp()) returning lease`,
    [ours],
  );
  return rows.map(({ lease }) => Number(lease)).sort((a, b) => a - b);
}

/** Forgets an incarnation that holds nothing; another stays, to be found dead. */
export async function leave(sql: Sql, lease: LeaseId): Promise<void> {
  await sql.change('update nodes set has_left = true where lease = $1', [lease]);
  await sql.change('delete from wire where lease = $1', [lease]);
  await sql.change(
    'delete from nodes where lease = $1 and not exists (select 1 from queue q where q.lease = nodes.lease)',
    [lease],
  );
}

/** Whether what an incarnation journalled is still there: the server was not restarted since it joined. */
export async function isSameServer(sql: Sql, lease: LeaseId): Promise<boolean> {
  const [row] = await sql.rows<{ same: boolean }>(
    `select server_start = ${SERVER_START} as same from nodes where lease = $1`,
    [lease],
  );
  return row?.same ?? false;
}
