import { constants } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from './system-error.ts';

/** A file that this watcher has made its own, by a dot-name that holds a key: nobody else takes it or writes over it. */
export interface FileClaim {
  /** The name it was dropped under. */
  readonly name: string;
  readonly path: string;
  /** Never given twice; the same when the file is found again after a crash. */
  readonly key: string;
}

const CLAIMED = /^\.taking\.([0-9a-z]+)\.(.+)$/s;

/** Whether a file has the name of a claimed one. */
export function isClaimed(name: string): boolean {
  return CLAIMED.test(name);
}

/** The claim that a name tells of; undefined when the file is not a claimed one. */
export function readClaim(directory: string, found: string): FileClaim | undefined {
  const [, key, name] = CLAIMED.exec(found) ?? [];
  return key === undefined || name === undefined ? undefined : { name, key, path: join(directory, found) };
}

/**
 * Claims a dropped file. That the rename works also shows, before anything is accepted, that the file can be removed
 * afterwards. Undefined when it is gone.
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

/** Makes claims last: a loss of power could undo them, and the files would come again under other keys. */
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

/** What file systems say, most of them on the network, that write a directory at once or never. */
const CANNOT_SYNC: ReadonlySet<string> = new Set(['EINVAL', 'ENOTSUP', 'ENOSYS']);

/** The bytes of a claimed file, or in words why they cannot be had. */
export async function readClaimed(
  path: string,
  maxBytes: number,
): Promise<{ readonly bytes: Buffer } | { readonly reason: string }> {
  try {
    // A link could lead out of the directory, and a pipe would keep us waiting.
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stats = await file.stat();
      if (!stats.isFile()) return { reason: 'it is not a file' };
      if (stats.size > maxBytes)
        return { reason: `it has ${stats.size} bytes; at most ${maxBytes} are taken` };
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
  ELOOP: 'it is a link, not a file',
  ENXIO: 'it is not a file',
};
