import { opendir } from 'node:fs/promises';
import { isClaimed } from './claim-file.ts';

/** Names looked at before the first of them is taken in. */
const SLICE = 500;

/** The names in a directory that could be taken in, a slice at a time: however many there are, few are in memory. */
export async function* slices(directory: string): AsyncGenerator<readonly string[]> {
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

/** Dot-files are the drafts of whoever writes here; `.taking.…` are ours, left by a crash. */
function isCandidate(name: string): boolean {
  return name.endsWith('.eml') && (!name.startsWith('.') || isClaimed(name));
}
