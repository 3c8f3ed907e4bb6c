import type { Sql } from './database.ts';

/** Whether there is room for new mail, so that results can always still be written (docs/decisions/12-refusing-new-mail.md). */
export interface Room {
  /** Takes the place of one message in the queue; false when there is no room. Then `settle` must follow. */
  take(): boolean;
  /** Whether the message that took a place is there now. */
  settle(isAccepted: boolean): void;
  /** Tells how the number of queued messages changed otherwise. */
  moved(by: number): void;
}

/** Other nodes fill and empty the queue, too: a count is good for so long. */
const COUNT_MS = 1_000;
/** Up to here rows are counted; above, the server's own estimate is good enough. */
const COUNTED = 100_000;

export async function createRoom(sql: Sql, maxQueued: number, now: () => number): Promise<Room> {
  let queued = await count(sql);
  let countedAt = now();
  let underWay = 0;

  function countAgain(): void {
    if (Math.abs(now() - countedAt) < COUNT_MS) return;
    countedAt = now();
    count(sql).then(
      found => {
        queued = found;
      },
      // What was counted last must do until the database can be reached again.
      () => {},
    );
  }

  return {
    take() {
      countAgain();
      const hasRoom = queued + underWay < maxQueued;
      if (hasRoom) underWay += 1;
      return hasRoom;
    },
    settle(isAccepted) {
      underWay -= 1;
      if (isAccepted) queued += 1;
    },
    moved(by) {
      queued += by;
    },
  };
}

async function count(sql: Sql): Promise<number> {
  const [row] = await sql.rows<{ count: bigint }>(
    `select greatest((select count(*) from (select 1 from queue limit ${COUNTED}) as counted),
      (select reltuples::bigint from pg_class where oid = 'queue'::regclass and reltuples > ${COUNTED})) as count`,
  );
  return Number(row?.count ?? 0);
}
