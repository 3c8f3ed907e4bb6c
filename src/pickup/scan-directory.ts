import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { slices } from './slices.ts';
import { type BatchContext, takeBatch } from './submit-batch.ts';
import { codeOf } from './system-error.ts';

/** A file that can be taken in now, or will be able to. */
interface Seen {
  readonly name: string;
  readonly size: number;
  readonly waitMs: number;
}

/** Files in memory at once: enough of them to share a commit, and few when they are large. */
const BATCH_FILES = 32;
const BATCH_BYTES = 32 * 1024 * 1024;

/** When to look again. */
export interface NextLook {
  readonly inMs: number;
  /** Not before, whatever is dropped meanwhile: the gate can take in nothing. */
  readonly isPause: boolean;
}

/** Looks at the whole directory once, and takes in what is ready. The next look is at most `longestMs` away, unless it pauses. */
export async function scan(context: BatchContext, longestMs: number, signal: AbortSignal): Promise<NextLook> {
  const names = new Set<string>();
  let inMs = longestMs;
  for await (const slice of slices(context.directory)) {
    const looks = await Promise.all(slice.map(name => look(context, name)));
    const seen = looks.filter(one => one !== undefined);
    const ready = seen.filter(({ waitMs }) => waitMs === 0);
    for (const { name, waitMs } of seen) {
      names.add(name);
      if (waitMs > 0) inMs = Math.min(inMs, waitMs);
    }
    for (const batch of batches(ready)) {
      if (signal.aborted) return { inMs, isPause: false };
      const pauseMs = await takeBatch(context, batch);
      if (pauseMs !== undefined) return { inMs: pauseMs, isPause: true };
    }
  }
  context.patience.keepOnly(names);
  return { inMs, isPause: false };
}

async function look({ directory, patience }: BatchContext, name: string): Promise<Seen | undefined> {
  try {
    const stats = await lstat(join(directory, name));
    if (stats.isDirectory()) return undefined;
    return { name, size: stats.size, waitMs: patience.waitMs(name, stats.mtimeMs) };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function* batches(ready: readonly Seen[]): Generator<readonly Seen[]> {
  let batch: Seen[] = [];
  let bytes = 0;
  for (const file of ready) {
    if (batch.length === BATCH_FILES || (batch.length > 0 && bytes + file.size > BATCH_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(file);
    bytes += file.size;
  }
  if (batch.length > 0) yield batch;
}
