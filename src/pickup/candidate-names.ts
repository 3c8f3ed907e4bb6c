import { opendir } from 'node:fs/promises';
import { isClaimed } from './claim-file.ts';

/** Number of names that are read together. */
const SLICE = 500;

/** Yields the names of possible files in slices, so that few are in memory however many the directory has. */
export async function* candidateNames(directory: string): AsyncGenerator<readonly string[]> {
  let slice: string[] = [];
  for await (const { name } of await opendir(directory, { bufferSize: SLICE })) {
    if (!isCandidate(name)) continue;
    slice.push(name);
    if (slice.length < SLICE) continue;
    yield slice;
    slice = [];
  }
  if (slice.length > 0) yield slice;
}

/** Names with a leading dot are drafts of the writing program, or files that were claimed before a crash. */
function isCandidate(name: string): boolean {
  return name.endsWith('.eml') && (!name.startsWith('.') || isClaimed(name));
}
