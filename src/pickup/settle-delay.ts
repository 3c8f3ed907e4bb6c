import { isClaimed } from './claim-file.ts';

/** Decides how long a file must wait before it is read. */
export interface SettleDelay {
  /** Returns the wait in ms; 0: the file is ready. */
  waitMs(name: string, mtimeMs: number): number;
  /** Postpones a file after an unexpected error. */
  postpone(name: string): void;
  /** Drops the records of files that are no longer in the directory, and of postponements that are over. */
  keepOnly(names: ReadonlySet<string>): void;
}

/** Wait after an unexpected error: a bug or a disk failure. */
const POSTPONE_MS = 60_000;

/** A file is complete when its modification time has not changed for `settleMs`: each write changes that time. */
export function createSettleDelay(settleMs: number, now: () => number): SettleDelay {
  const postponed = new Map<string, number>();
  /** Files with a modification time in the future, and when they were first seen with it. */
  const ahead = new Map<string, { readonly mtimeMs: number; readonly since: number }>();

  function settlesAt(name: string, mtimeMs: number): number {
    // A claimed file was complete when it was claimed.
    if (isClaimed(name)) return 0;
    const at = now();
    if (mtimeMs <= at) return mtimeMs + settleMs;
    // The clock of the file system is ahead of ours (a network file system). The delay starts when the time was first seen.
    const seen = ahead.get(name);
    const since = seen?.mtimeMs === mtimeMs ? seen.since : at;
    ahead.set(name, { mtimeMs, since });
    return since + settleMs;
  }

  return {
    waitMs: (name, mtimeMs) =>
      Math.max(0, Math.max(postponed.get(name) ?? 0, settlesAt(name, mtimeMs)) - now()),
    postpone: name => void postponed.set(name, now() + POSTPONE_MS),
    keepOnly(names) {
      for (const name of ahead.keys()) if (!names.has(name)) ahead.delete(name);
      for (const [name, until] of postponed) if (until <= now()) postponed.delete(name);
    },
  };
}
