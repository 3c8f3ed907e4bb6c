import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { candidateNames } from './candidate-names.ts';
import { type BatchContext, submitBatch } from './submit-batch.ts';
import { codeOf } from './system-error.ts';

/** A file that is ready, or will be ready later. */
interface SeenFile {
  readonly name: string;
  readonly size: number;
  /** 0: ready. */
  readonly waitMs: number;
}

/** Maximum files and bytes in memory: many small files share one commit, and large files do not fill the memory. */
const BATCH_FILES = 32;
const BATCH_BYTES = 32 * 1024 * 1024;

/** When to scan again. */
export interface NextScan {
  readonly inMs: number;
  /** True: not earlier, even if files arrive, because the gate cannot accept mail. */
  readonly isPause: boolean;
}

/** Scans the directory once and submits the ready files. The next scan is at most `longestMs` away, except after a pause. */
export async function scan(context: BatchContext, longestMs: number, signal: AbortSignal): Promise<NextScan> {
  const names = new Set<string>();
  let inMs = longestMs;
  for await (const slice of candidateNames(context.directory)) {
    const found = await Promise.all(slice.map(name => inspect(context, name)));
    const seen = found.filter(one => one !== undefined);
    const ready = seen.filter(({ waitMs }) => waitMs === 0);
    for (const { name, waitMs } of seen) {
      names.add(name);
      if (waitMs > 0) inMs = Math.min(inMs, waitMs);
    }
    for (const batch of batches(ready)) {
      if (signal.aborted) return { inMs, isPause: false };
      const pauseMs = await submitBatch(context, batch);
      if (pauseMs !== undefined) return { inMs: pauseMs, isPause: true };
    }
  }
  context.settleDelay.keepOnly(names);
  return { inMs, isPause: false };
}

async function inspect(
  { directory, settleDelay }: BatchContext,
  name: string,
): Promise<SeenFile | undefined> {
  try {
    const stats = await lstat(join(directory, name));
    if (stats.isDirectory()) return undefined;
    return { name, size: stats.size, waitMs: settleDelay.waitMs(name, stats.mtimeMs) };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function* batches(ready: readonly SeenFile[]): Generator<readonly SeenFile[]> {
  let batch: SeenFile[] = [];
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
