import type { Sql } from './database.ts';

/** Whether there is room for new mail, so that results can always still be written (decisions.md 12). */
export interface Room {
  /** Takes the place of one message in the queue; false when there is no room. */
  take(): boolean;
  /** Tells how the number of queued messages changed otherwise. */
  moved(by: number): void;
  /** Counts anew: other nodes fill and empty the queue too. */
  count(sql: Sql): Promise<void>;
}

export function createRoom(maxQueued: number): Room {
  let queued = 0;
  return {
    take() {
      const hasRoom = queued < maxQueued;
      if (hasRoom) queued += 1;
      return hasRoom;
    },
    moved(by) {
      queued += by;
    },
    async count(sql) {
      const [row] = await sql.rows<{ count: bigint }>('select count(*) from queue');
      queued = Number(row?.count ?? 0);
    },
  };
}
