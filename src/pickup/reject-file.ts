import { mkdir, rename, unlink, writeFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { codeOf } from './system-error.ts';

/** Subdirectory for rejected files, below the watched directory. */
const REJECTED = 'rejected';

const MAX_SAME_NAMES = 10_000;

/** Moves a file into `rejected/` and writes the reason beside it. Adds a number if the name exists. Returns the new path. */
export async function reject(
  directory: string,
  file: { readonly name: string; readonly path: string },
  reason: string,
): Promise<string> {
  const folder = join(directory, REJECTED);
  await mkdir(folder, { recursive: true });
  const target = await writeReason(folder, file.name, reason);
  try {
    await rename(file.path, target);
  } catch (error) {
    await unlink(reasonFile(target)).catch(() => {});
    throw error;
  }
  return target;
}

/** Creates the reason file first, and only if it does not exist: this reserves the name for the file. */
async function writeReason(folder: string, name: string, reason: string): Promise<string> {
  const { name: stem, ext } = parse(name);
  for (let count = 1; count <= MAX_SAME_NAMES; count++) {
    const target = join(folder, count === 1 ? name : `${stem}-${count}${ext}`);
    try {
      await writeFile(reasonFile(target), `${reason}\n`, { flag: 'wx' });
      return target;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
  throw new Error(`${folder} contains too many files with the name ${name}`);
}

function reasonFile(target: string): string {
  return `${target}.reason`;
}
