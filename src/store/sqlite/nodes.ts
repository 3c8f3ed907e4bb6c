import type { Database } from 'better-sqlite3';
import type { Incarnation, LeaseId } from '../store.ts';

const NODE_NUMBERS = 256;

/** The rows of incarnations, and the boot each belongs to. */
export interface NodeRows {
  join(request: { now: number; leaseMs: number; host: string; pid: number; bootId: string }): Incarnation;
  renew(lease: LeaseId, until: number): boolean;
  dead(ours: LeaseId): readonly LeaseId[];
  /** False: it still holds a message, and stays. */
  leave(lease: LeaseId): boolean;
  bootIdOf(lease: LeaseId): string | undefined;
}

export function prepareNodes(db: Database): NodeRows {
  const insert = db.prepare(
    'insert into nodes (node, boot_id, host, pid, joined_at, valid_until) values (0, ?, ?, ?, ?, ?)',
  );
  const number = db.prepare('update nodes set node = ? where lease = ?');
  const renew = db.prepare('update nodes set valid_until = ? where lease = ?');
  // A data folder has one process, so that every other incarnation is dead, whatever its lease says (docs/decisions/20-one-process-per-data-folder.md).
  // A lease that holds messages counts even when its incarnation has left: nothing may be stuck.
  const others = db
    .prepare(`select lease from (select lease from nodes union select lease from queue where lease is not null)
      where lease <> ? order by lease`)
    .pluck();
  const remove = db.prepare(
    'delete from nodes where lease = ? and not exists (select 1 from queue q where q.lease = nodes.lease)',
  );
  const bootId = db.prepare('select boot_id from nodes where lease = ?').pluck();

  return {
    join(request) {
      const { bootId, host, pid, now, leaseMs } = request;
      const lease = Number(insert.run(bootId, host, pid, now, now + leaseMs).lastInsertRowid);
      // A new number for each incarnation keeps ids apart even when the clock was set back between two of them.
      const node = lease % NODE_NUMBERS;
      number.run(node, lease);
      return { lease, node };
    },
    renew: (lease, until) => renew.run(until, lease).changes === 1,
    dead: ours => others.all(ours) as LeaseId[],
    leave: lease => remove.run(lease).changes === 1,
    bootIdOf: lease => bootId.get(lease) as string | undefined,
  };
}
