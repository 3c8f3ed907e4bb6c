import { isClaimed } from './claim-file.ts';

/** Knows which files are to be left alone for now. */
export interface Patience {
  /** For how many ms; 0: it can be taken in. */
  waitMs(name: string, mtimeMs: number): number;
  /** Nobody expected what happened to it: it is not touched for a while. */
  trouble(name: string): void;
  /** Forgets files that are no longer in the directory, and troubles that are over. */
  keepOnly(names: ReadonlySet<string>): void;
}

/** After an error that nobody expected: a bug, a disk. */
const TROUBLE_MS = 60_000;

/** A file whose time has not changed for `settleMs` is complete: whoever writes to it changes that. */
export function createPatience(settleMs: number, now: () => number): Patience {
  const troubled = new Map<string, number>();
  const ahead = new Map<string, { readonly mtimeMs: number; readonly since: number }>();

  function settlesAt(name: string, mtimeMs: number): number {
    // What was claimed was complete before.
    if (isClaimed(name)) return 0;
    const at = now();
    if (mtimeMs <= at) return mtimeMs + settleMs;
    // Another clock is ahead of ours (a network file system): we count from when we saw the file so first.
    const seen = ahead.get(name);
    const since = seen?.mtimeMs === mtimeMs ? seen.since : at;
    ahead.set(name, { mtimeMs, since });
    return since + settleMs;
  }

  return {
    waitMs: (name, mtimeMs) =>
      Math.max(0, Math.max(troubled.get(name) ?? 0, settlesAt(name, mtimeMs)) - now()),
    trouble: name => void troubled.set(name, now() + TROUBLE_MS),
    keepOnly(names) {
      for (const name of ahead.keys()) if (!names.has(name)) ahead.delete(name);
      for (const [name, until] of troubled) if (until <= now()) troubled.delete(name);
    },
  };
}
