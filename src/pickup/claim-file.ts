import { constants } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from './system-error.ts';

/** A file that this watcher has claimed with a new name. The name starts with a dot and contains a key. */
export interface FileClaim {
  /** The original name of the file. */
  readonly name: string;
  readonly path: string;
  /** Unique. A file that is found again after a crash keeps its key. */
  readonly key: string;
}

const CLAIMED = /^\.taking\.([0-9a-z]+)\.(.+)$/s;

/** Returns true for the name of a claimed file. */
export function isClaimed(name: string): boolean {
  return CLAIMED.test(name);
}

/** Reads the claim in a file name; undefined when the file is not claimed. */
export function readClaim(directory: string, found: string): FileClaim | undefined {
  const [, key, name] = CLAIMED.exec(found) ?? [];
  return key === undefined || name === undefined ? undefined : { name, key, path: join(directory, found) };
}

/**
 * Claims a file by renaming it. The rename also proves, before anything is accepted, that the file can be removed later.
 * Undefined when the file no longer exists.
 */
export async function claimFile(
  directory: string,
  name: string,
  key: string,
): Promise<FileClaim | undefined> {
  const path = join(directory, `.taking.${key}.${name}`);
  try {
    await rename(join(directory, name), path);
    return { name, path, key };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Makes claims durable. Without it a power failure could undo them, and the files would return with other keys. */
export async function syncClaims(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } catch (error) {
    if (!CANNOT_SYNC.has(codeOf(error))) throw error;
  } finally {
    await handle.close();
  }
}

/** Errors of file systems that cannot sync a directory. Most of them are network file systems. */
const CANNOT_SYNC: ReadonlySet<string> = new Set(['EINVAL', 'ENOTSUP', 'ENOSYS']);

/** Reads a claimed file. Returns the bytes, or the reason why the file is rejected. */
export async function readClaimed(
  path: string,
  maxBytes: number,
): Promise<{ readonly bytes: Buffer } | { readonly reason: string }> {
  try {
    // A symbolic link could lead out of the directory, and opening a pipe would block.
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stats = await file.stat();
      if (!stats.isFile()) return { reason: 'it is not a regular file' };
      if (stats.size > maxBytes)
        return { reason: `it has ${stats.size} bytes; at most ${maxBytes} are accepted` };
      return { bytes: await file.readFile() };
    } finally {
      await file.close();
    }
  } catch (error) {
    const reason = UNREADABLE[codeOf(error)];
    if (reason !== undefined) return { reason };
    throw error;
  }
}

const UNREADABLE: Readonly<Record<string, string>> = {
  EACCES: 'it cannot be read: permission denied',
  EPERM: 'it cannot be read: permission denied',
  ELOOP: 'it is a symbolic link',
  ENXIO: 'it is not a regular file',
};
