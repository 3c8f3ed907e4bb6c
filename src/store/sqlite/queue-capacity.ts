import { statfsSync } from 'node:fs';
import type { Database } from 'better-sqlite3';

/** Whether there is room for new mail, so that results can always still be written (docs/decisions/12-refusing-new-mail.md). */
export interface Room {
  /** Takes the place of one message in the queue; false when there is no room. */
  take(): boolean;
  /** Tells how the number of queued messages changed otherwise. */
  moved(by: number): void;
}

export interface RoomOptions {
  readonly folder: string;
  /** New mail is refused below so many free bytes, or above so many queued messages. */
  readonly minFreeBytes: number;
  readonly maxQueued: number;
  readonly now: () => number;
}

/** A look at the disk is good for so long. */
const LOOK_MS = 1_000;

export function createRoom(db: Database, options: RoomOptions): Room {
  let queued = db.prepare('select count(*) from queue').pluck().get() as number;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let isDiskFree = true;

  function look(): boolean {
    const now = options.now();
    if (Math.abs(now - lookedAt) < LOOK_MS) return isDiskFree;
    lookedAt = now;
    const { bavail, bsize } = statfsSync(options.folder);
    isDiskFree = bavail * bsize >= options.minFreeBytes;
    return isDiskFree;
  }

  return {
    take() {
      const hasRoom = queued < options.maxQueued && look();
      if (hasRoom) queued += 1;
      return hasRoom;
    },
    moved(by) {
      queued += by;
    },
  };
}
