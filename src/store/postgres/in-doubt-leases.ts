import { AppError } from '../../core/errors.ts';
import type { LeaseId } from '../store.ts';
import type { Database, Sql } from './database.ts';

/**
 * Messages that a transaction leased of which nobody knows whether it was committed, because the connection broke: its
 * caller was told that nothing happened, so that nobody would ever carry them.
 */
export interface Doubts {
  /** Does what leases messages, and remembers `mayHold` (asked afterwards) when it ends in doubt. */
  watch<T>(work: () => Promise<T>, mayHold: () => readonly Held[]): Promise<T>;
  /** Takes back what was leased in doubt; to be called before anything else is leased, lest that is taken back, too. */
  settle(): Promise<void>;
}

export interface Held {
  readonly id: bigint;
  readonly lease: LeaseId;
  /** The dead incarnation that it was adopted from; absent: it was claimed, or came in. */
  readonly from?: LeaseId;
}

export function createDoubts(db: Database): Doubts {
  let open: Held[] = [];

  async function settleAll(): Promise<void> {
    const settled = open;
    await db.transaction(async sql => {
      const groups = Map.groupBy(settled, ({ lease, from }) => `${lease} ${from}`);
      for (const group of groups.values()) await takeBack(sql, group);
    });
    open = open.filter(held => !settled.includes(held));
  }

  return {
    async watch(work, mayHold) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof AppError && error.code === 'unavailable') open.push(...mayHold());
        throw error;
      }
    },
    async settle() {
      if (open.length > 0) await settleAll();
    },
  };
}

async function takeBack(sql: Sql, group: readonly Held[]): Promise<void> {
  const [first] = group;
  if (first === undefined) return;
  const ids = group.map(({ id }) => id);
  // A commit that is still under way is waited for: what comes after this sees what it did.
  await sql.rows('select 1 from queue where message_id = any($1::bigint[]) order by message_id for update', [
    ids,
  ]);
  if (first.from === undefined) {
    await sql.change(
      'update queue set lease = null, attempts = attempts - 1 where lease = $1 and message_id = any($2::bigint[])',
      [first.lease, ids],
    );
    return;
  }
  for (const table of ['queue', 'wire'])
    await sql.change(`update ${table} set lease = $1 where lease = $2 and message_id = any($3::bigint[])`, [
      first.from,
      first.lease,
      ids,
    ]);
}
